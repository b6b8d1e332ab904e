import { type OptionValidator, type RequiredOption, requiredText, textOption } from '@pds/core/internal'

/** Requires an absolute URL without a fragment (RFC 6749 section 3.1.2). It must not run a script. */
const redirect_uri: RequiredOption<string> = {
  ...requiredText,
  wants: 'an absolute URL without a fragment',
  accepts: (value) =>
    textOption.accepts(value) && URL.canParse(String(value)) && !/^javascript:|#/i.test(String(value)),
  otherName: 'redirect_url',
}

/** The parameters that name an OAuth application. */
export const appParams: {
  client_id: RequiredOption<string>
  client_secret: OptionValidator<string>
  redirect_uri: RequiredOption<string>
} = { client_id: requiredText, client_secret: textOption, redirect_uri }
