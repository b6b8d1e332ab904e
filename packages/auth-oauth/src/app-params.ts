import { type OptionValidator, type RequiredOption, requiredText, textOption } from '@pds/core/internal'

const redirect_uri: RequiredOption<string> & { otherName: string } = {
  ...requiredText,
  otherName: 'redirect_url',
}

/** The parameters that name an OAuth application. */
export const appParams: {
  client_id: RequiredOption<string>
  client_secret: OptionValidator<string>
  redirect_uri: RequiredOption<string>
} = { client_id: requiredText, client_secret: textOption, redirect_uri }
