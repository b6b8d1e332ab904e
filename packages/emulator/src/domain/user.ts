/** A user of the domain. */
export interface UserOptions {
  /** The id of the user, unique in the domain. */
  user_id: string
  /** The name of the user. Default: `user_id`. */
  user_name?: string
  /** The nickname of the user. Default: `user_name`. */
  nick_name?: string
  /** The role of the user. Default: `user`. */
  role?: 'user' | 'admin' | 'superadmin'
}

/** One user with the id `user-1`. */
export const defaultUsers: readonly UserOptions[] = [{ user_id: 'user-1', user_name: 'User 1' }]

/** A user of the domain. */
export interface User extends Required<UserOptions> {
  /** The id of the user's drive. */
  default_drive_id: string
  /** Whether a token has been issued for the user. */
  hasLoggedIn: boolean
}
