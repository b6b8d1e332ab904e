// What to check after the errors of RFC 6749 section 5.2 that a new sign-in does not end.
const checks: Readonly<Record<string, string>> = {
  invalid_client: 'client_id, client_secret and client_auth',
  invalid_request: 'the required parameters',
  invalid_scope: 'scope',
  unauthorized_client: 'its grant types',
  unsupported_grant_type: 'token_endpoint',
}

/** Returns the message for an error of the server: its own or else its code, and what to check. Empty without both. */
export function describeRejection(
  code = '',
  message: string = code && `the server responded with the error ${code}`,
): string {
  return Object.hasOwn(checks, code) ? `${message} (check ${checks[code]})` : message
}
