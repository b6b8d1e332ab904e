import { isPDSError, PDSError } from '@pds/core'

export interface Failure {
  /** For the reader of a failed test. */
  readonly name: string
  /** Whether what was asked for is done all the same. */
  readonly isDone: boolean
  error(): Error
}

const response = (status: number, code: string): Failure => ({
  name: `is answered ${status} ${code}`,
  isDone: false,
  error: () => new PDSError('the server turns it away', { code, status, outcome: 'responded' }),
})

export const lostAnswer: Failure = {
  name: 'loses its answer',
  isDone: true,
  error: () => new PDSError('the connection broke', { code: 'NetworkError', outcome: 'unknown' }),
}

/** How a request fails that has certainly not been carried out. */
export const turnedAway: readonly Failure[] = [
  {
    name: 'cannot be sent',
    isDone: false,
    error: () => new PDSError('connection refused', { code: 'NetworkError', outcome: 'not-sent' }),
  },
  response(429, 'TooManyRequests'),
  response(503, 'ServiceUnavailable'),
  response(400, 'InvalidParameter.ClientId'),
]

export const requestFailures: readonly Failure[] = [
  lostAnswer,
  { ...lostAnswer, name: 'is lost', isDone: false },
  { name: 'is lost in a grant of its own', isDone: false, error: () => new Error('no answer') },
  ...turnedAway,
]

export const storeFailures: readonly Failure[] = [
  { name: 'fails', isDone: false, error: () => new Error('disk full') },
  { name: 'fails after it was done', isDone: true, error: () => new Error('connection lost') },
]

/** Rejects as a careless library does: with all that it was given in the message. */
export function telling(secret: string, reject: (error: Error) => void): (error: Error) => void {
  return (error) => {
    if (!isPDSError(error)) error.message += `: ${secret}`
    reject(error)
  }
}
