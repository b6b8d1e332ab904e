import type { PDSErrorCode } from '@pds/core'
import { PDSError } from '@pds/core/internal'

/** Creates an error of a sign-in that sent nothing to the service. `cause` must not contain secrets. */
export function loopbackError(code: PDSErrorCode, message: string, cause?: Error): PDSError {
  return new PDSError(`signInWithBrowser: ${message}`, { code, outcome: 'not-sent', cause })
}
