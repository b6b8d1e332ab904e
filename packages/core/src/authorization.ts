import type { PDSError } from './pds-error.ts'

/**
 * Gives the attempts of a call their credential, for code that makes a method.
 *
 * It is asked within the limits of the call. A call whose own headers carry a credential is sent with that instead.
 */
export interface PDSAuthorization {
  /** The headers of the next attempt, by lower-case name. What it rejects with ends the call. */
  headers(): Promise<Record<string, string>>
  /**
   * Whether there is another credential in place of the one that was refused with status 401. It is asked once in a
   * call, which is then sent once more: no server makes it loop. What it rejects with ends the call.
   */
  renew(refused: PDSError): Promise<boolean>
}
