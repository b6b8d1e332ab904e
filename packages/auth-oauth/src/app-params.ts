import type { ClientAuth } from '@pds/core'
import {
  isLoopback,
  type OptionValidator,
  type RequiredOption,
  requiredText,
  textOption,
} from '@pds/core/internal'

/**
 * Accepts an absolute URL without a fragment (RFC 6749 section 3.1.2), of a scheme that leads to an application: no
 * script, no document in the URL, no local file, no socket. The vendor does not document which schemes it accepts.
 */
const redirect_uri: OptionValidator<string> = {
  ...textOption,
  wants: 'an absolute URL without a fragment, with http: only on localhost',
  accepts: (value) =>
    textOption.accepts(value) &&
    URL.canParse(value as string) &&
    !/^(javascript|data|blob|file|vbscript|about|wss?):|#/i.test(value as string),
  otherName: 'redirect_url',
}

/** The parameters that name an OAuth application. */
export const appParams: {
  client_id: RequiredOption<string>
  client_secret: OptionValidator<string>
  client_auth: OptionValidator<ClientAuth>
  redirect_uri: OptionValidator<string>
} = {
  client_id: requiredText,
  client_secret: textOption,
  client_auth: { wants: "'post' or 'basic'", accepts: (value) => value === 'post' || value === 'basic' },
  redirect_uri,
}

/** The same for a sign-in, which needs a redirect URI. */
export const signInParams: typeof appParams & { redirect_uri: RequiredOption<string> } = {
  ...appParams,
  redirect_uri: { ...redirect_uri, isRequired: true },
}

/**
 * Checks whether a server may redirect to a redirect URI: over `http:`, the code would cross the network in the clear
 * (RFC 9700 section 2.6). Requests that only repeat the redirect URI do not check this.
 */
export function isSafeRedirectUri(value: unknown): boolean {
  if (!redirect_uri.accepts(value)) return false
  const { protocol, hostname } = new URL(value as string)
  return protocol !== 'http:' || isLoopback(hostname)
}
