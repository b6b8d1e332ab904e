import type { UserOptions } from './options.ts'

/** A user of the domain. */
export interface User extends Required<UserOptions> {
  default_drive_id: string
  /** Whether a token has been issued for the user. */
  hasLoggedIn: boolean
}
