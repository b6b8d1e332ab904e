import { mustBe } from '../errors/invalid-parameter.ts'
import { isHeaderText, textOption } from '../options/options.ts'

/**
 * Throws `InvalidParameter` if a token of the application cannot be sent: it has no `access_token` that a header may
 * contain, or an invalid `refresh_token`. `name` names the token in the message.
 */
export function checkToken(name: string, token: unknown): void {
  const { access_token, refresh_token } = Object(token)
  if (!isHeaderText(access_token)) {
    throw mustBe(`${name}.access_token`, 'a non-empty string of visible ASCII characters', access_token)
  }
  // Some servers send null or an empty string for none.
  if (refresh_token && !textOption.accepts(refresh_token)) {
    throw mustBe(`${name}.refresh_token`, textOption.wants, refresh_token)
  }
}
