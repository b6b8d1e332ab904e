import type { ClientAuth } from '@pds/core'
import { type OptionValidator, type RequiredOption, requiredText, textOption } from '@pds/core/internal'

/** Accepts an absolute URL without a fragment (RFC 6749 section 3.1.2). It must not run a script. */
const redirect_uri: OptionValidator<string> = {
  ...textOption,
  wants: 'an absolute URL without a fragment',
  accepts: (value) =>
    textOption.accepts(value) && URL.canParse(String(value)) && !/^javascript:|#/i.test(String(value)),
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
