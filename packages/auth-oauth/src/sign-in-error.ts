import type { PDSErrorCode, PDSOutcome } from '@pds/core'
import { PDSError } from '@pds/core/internal'

/** Creates an error of a sign-in. Without an outcome, nothing was sent. */
export function signInError(code: PDSErrorCode, message: string, outcome: PDSOutcome = 'not-sent'): PDSError {
  return new PDSError(message, { code, outcome })
}
