import { isPDSError, PDSError } from '@pds/core'

export interface Failure {
  /** A verb phrase for the log. */
  readonly name: string
  /** Whether the operation is executed although it fails. */
  readonly isExecuted: boolean
  error(): Error
}

const errorResponse = (status: number, code: string): Failure => ({
  name: `fails with ${status} ${code}`,
  isExecuted: false,
  error: () => new PDSError('the server responded with an error', { code, status, outcome: 'responded' }),
})

export const lostResponse: Failure = {
  name: 'loses its response',
  isExecuted: true,
  error: () => new PDSError('the connection broke', { code: 'NetworkError', outcome: 'unknown' }),
}

/** Failures of a request that the server did not execute, as the error shows. */
export const unexecutedFailures: readonly Failure[] = [
  {
    name: 'cannot be sent',
    isExecuted: false,
    error: () => new PDSError('connection refused', { code: 'NetworkError', outcome: 'not-sent' }),
  },
  errorResponse(429, 'TooManyRequests'),
  errorResponse(503, 'ServiceUnavailable'),
  errorResponse(400, 'InvalidParameter.ClientId'),
]

export const requestFailures: readonly Failure[] = [
  lostResponse,
  { ...lostResponse, name: 'is lost', isExecuted: false },
  { name: 'is lost in a custom grant', isExecuted: false, error: () => new Error('no response') },
  ...unexecutedFailures,
]

export const storeFailures: readonly Failure[] = [
  { name: 'fails', isExecuted: false, error: () => new Error('disk full') },
  { name: 'fails after it was executed', isExecuted: true, error: () => new Error('connection lost') },
]

/** Rejects as a careless library does: with the secret in the message. */
export function leaking(secret: string, reject: (error: Error) => void): (error: Error) => void {
  return (error) => {
    if (!isPDSError(error)) error.message += `: ${secret}`
    reject(error)
  }
}
