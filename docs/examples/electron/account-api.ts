/** What the page can call in the main process. Tokens stay there. */
export interface AccountApi {
  /** Returns the signed-in user. */
  getUser(): Promise<AccountResult>
  /** Signs a user in with the browser of the system. */
  signIn(): Promise<AccountResult>
  /** Aborts the sign-in. */
  cancel(): Promise<AccountResult>
  signOut(): Promise<AccountResult>
  /** Calls a listener when the sign-in has changed, also in another process. */
  onChange(listener: () => void): void
  /** Calls a listener with the address of a sign-in, for users whose browser does not open. */
  onAddress(listener: (address: string) => void): void
}

/** The result of a call. Electron passes on only the message of a thrown error, so an error is a field. */
export interface AccountResult {
  /** The result of `getUser`. Absent without a sign-in. */
  userName?: string | undefined
  error?: { code: string; message: string } | undefined
}
