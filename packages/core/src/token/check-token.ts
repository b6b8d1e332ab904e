import { mustBe } from '../errors/invalid-parameter.ts'
import { isHeaderText, textOption } from '../options/options.ts'

/**
 * Throws `InvalidParameter` if a token of the application cannot be sent: it has no `access_token` that a header may
 * contain, an invalid `refresh_token`, or another `token_type` than `Bearer`. `name` names the token in the message.
 */
export function checkToken(name: string, token: unknown): void {
  const { access_token, refresh_token, token_type } = Object(token)
  if (!isHeaderText(access_token)) {
    throw mustBe(`${name}.access_token`, 'a non-empty string of visible ASCII characters', access_token)
  }
  // Some servers send null or an empty string for none.
  if (refresh_token && !textOption.accepts(refresh_token)) {
    throw mustBe(`${name}.refresh_token`, textOption.wants, refresh_token)
  }
  if (!isBearer(token_type)) throw mustBe(`${name}.token_type`, "'Bearer'", token_type)
}

/**
 * Returns whether a token of this `token_type` is sent as a `Bearer` token. A token without a type is, because not every
 * server sends one; other types must not be sent (RFC 6749 section 7.1).
 */
export function isBearer(token_type: unknown): boolean {
  return !token_type || /^\s*bearer\s*$/i.test(token_type as string)
}
