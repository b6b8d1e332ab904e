import { isPDSError, type OptionValidator, PDSError, sanitizeError, trimTokens } from '@pds/core/internal'
import type { KeptToken, TokenRenewal } from '@pds/session/internal'

/** Why a function of the application is called to renew a credential. */
export interface RenewalContext {
  /** The credential that the service rejected. Undefined if that is not the reason. */
  rejected?: string | undefined
}

/** A function of the application that renews a credential. */
export interface CredentialSource<T> {
  /** The name of its option. */
  readonly name: string
  readonly call: (context: RenewalContext) => T | Promise<T>
  /** Accepts the result. */
  readonly validator: OptionValidator
  /** Converts the result. `elapsed` is the duration of the call, in milliseconds. */
  readonly toToken: (result: T, elapsed: number) => KeptToken
  /** Returns the secrets of the present credential. */
  readonly secrets: () => readonly string[]
}

/**
 * Creates the renewal of a credential. Callers wait at most `timeout` milliseconds; 0 means no limit.
 *
 * The renewal throws a `PDSError` with code `RefreshFailed`. Its `cause` is the `PDSError` that the function threw, or a
 * sanitized copy of another error.
 */
export function createRenewal<T>(source: CredentialSource<T>, timeout: number): TokenRenewal {
  const { name, call, validator, toToken, secrets } = source
  return {
    async obtain(rejected) {
      const started = performance.now()
      const secretsBefore = secrets()
      try {
        const result = trimCredential(await call({ rejected }))
        if (validator.accepts(result)) return toToken(result, performance.now() - started)
      } catch (error) {
        const cause = isPDSError(error) ? error : sanitizeError(error, secretsBefore)
        throw refreshFailed(`${name} failed${describeFailure(cause)}`, cause)
      }
      throw refreshFailed(`${name} must return ${validator.wants}`)
    },
    timeout,
    timeoutError: () => refreshFailed(`${name} did not finish within ${timeout} ms (option totalTimeout)`),
  }
}

/** Returns the code and the message of a cause, which contain no secrets. */
export function describeFailure(cause: Error): string {
  // The messages of the service start with the code.
  const { code, message } = isPDSError(cause) ? cause : { code: cause.name, message: cause.message }
  return message.includes(code) ? `: ${message}` : `: ${code}: ${message}`
}

/** Removes whitespace around the tokens of a credential, for example the line break after the output of a program. */
export function trimCredential<T>(credential: T): T {
  if (typeof credential === 'string') return credential.trim() as T
  return typeof credential === 'object' && credential ? trimTokens(credential) : credential
}

/** Creates the error for a credential that could not be renewed. */
export function refreshFailed(message: string, cause?: Error): PDSError {
  const retryAt = isPDSError(cause) ? cause.retryAt : undefined
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'not-sent', retryAt, cause })
}
