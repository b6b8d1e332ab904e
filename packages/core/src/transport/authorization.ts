import type { PDSError } from '../errors/pds-error.ts'

/**
 * Gives the attempts of a call their credentials, for code that makes a method.
 *
 * It is asked within the `totalTimeout` of the call, not within the `timeout` of an attempt. Headers of the call itself
 * go before those that it gives.
 */
export interface PDSAuthorization {
  /**
   * The headers of the next attempt, by lower-case name. `own` are those of the call itself. What it rejects with ends
   * the call.
   */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>
  /**
   * Whether there is another credential in place of one that was refused with status 401. It is asked once in a call,
   * which is then sent once more: no server makes it loop. What it rejects with ends the call.
   */
  renew(refused: PDSError): Promise<boolean>
}
