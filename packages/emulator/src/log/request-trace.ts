import type { Grant, TokenPair } from '../domain/token-registry.ts'
import type { User } from '../domain/user.ts'

/** What a request turned out to be about while it was carried out, for the log. */
export interface RequestTrace {
  /** The sign-in whose tokens it was about. */
  grant?: Grant
  /** Whom it was about, where that is no sign-in yet. */
  user?: User
  /** The tokens that it spent or killed. */
  old?: TokenPair
  /** The tokens that it was given. */
  new?: TokenPair
  /** The code of the error that it was answered with, which a page does not tell. */
  error?: string
}
