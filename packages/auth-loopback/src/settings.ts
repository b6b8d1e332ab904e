import type { ClientAuth, IPDSRequestConfig, PDSTransport } from '@pds/core'
import {
  anyOption,
  booleanOption,
  checkOptions,
  checkRequestConfig,
  checkTransport,
  functionOption,
  millisecondsOption,
  type OptionValidator,
  requiredText,
} from '@pds/core/internal'
import type { IAuthorizationReq } from '@pds/types'
import { openSystemBrowser } from './open-system-browser.ts'
import type { BrowserSignInParams, SignInWithBrowserOptions } from './options.ts'
import { type AskForAddress, askInTerminal } from './paste/ask-in-terminal.ts'
import { printAddress } from './print-address.ts'
import { parseRedirectUri, type RedirectUri, redirectUriOption } from './redirect-uri.ts'

const method = 'signInWithBrowser'

/** The checked arguments of `signInWithBrowser`. */
export interface Settings {
  /** The parameters of `createAuthorizationUrl`. Their redirect URI has no port yet. */
  authorization: IAuthorizationReq
  /** What authenticates the application at the token endpoint. */
  credentials: { client_secret?: string | undefined; client_auth?: ClientAuth | undefined }
  redirectUri: RedirectUri
  ports: readonly number[]
  signal: AbortSignal | undefined
  /** In milliseconds. 0 means no limit. */
  timeout: number
  /** The options of the token request. */
  requestOptions: IPDSRequestConfig
  openBrowser: Exclude<SignInWithBrowserOptions['openBrowser'], false | undefined> | undefined
  onAddress: NonNullable<SignInWithBrowserOptions['onAddress']>
  page: SignInWithBrowserOptions['page']
  /** Asks the user for the address of the callback. Undefined if the user cannot paste it. */
  askForAddress: AskForAddress | undefined
}

/** Checks the arguments of `signInWithBrowser`. Throws `InvalidParameter`. */
export function readSettings(
  transport: PDSTransport,
  params: BrowserSignInParams,
  options: SignInWithBrowserOptions,
): Settings {
  checkTransport(method, transport)
  const {
    redirect_uri = 'http://127.0.0.1/callback',
    client_secret,
    client_auth,
    ...authorization
  } = checkOptions(method, params, paramValidators, 'params')
  const {
    openBrowser = openSystemBrowser,
    ports,
    page,
    onAddress = printAddress,
    pasteCode = false,
    timeout = 600_000,
    ...requestOptions
  } = checkOptions(method, options, optionValidators, 'options', 'options.')
  checkRequestConfig(requestOptions, method)
  const redirectUri = parseRedirectUri(redirect_uri)
  const credentials = { client_secret, client_auth }
  return {
    // createAuthorizationUrl also checks the credentials, and does not send them.
    authorization: { ...authorization, ...credentials, redirect_uri },
    credentials,
    redirectUri,
    // A copy, because the caller may change the array.
    ports: ports ? [...ports] : [redirectUri.port],
    signal: requestOptions.signal,
    timeout,
    requestOptions,
    openBrowser: openBrowser || undefined,
    onAddress,
    page,
    askForAddress: pasteCode === true ? askInTerminal() : pasteCode || undefined,
  }
}

// createAuthorizationUrl checks the others before a server starts.
const paramValidators: Readonly<Record<keyof BrowserSignInParams, OptionValidator>> = {
  client_id: requiredText,
  client_secret: anyOption,
  client_auth: anyOption,
  redirect_uri: redirectUriOption,
  login_type: anyOption,
  scope: anyOption,
  hide_consent: anyOption,
  prompt: anyOption,
  extraParams: anyOption,
}

const optionValidators: Readonly<Record<keyof SignInWithBrowserOptions, OptionValidator>> = {
  timeout: millisecondsOption,
  openBrowser: {
    wants: 'a function, or false',
    accepts: (value) => value === false || functionOption.accepts(value),
  },
  ports: {
    wants: 'an array of one or more ports from 0 (a free port) to 65535',
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((port) => Number.isInteger(port) && port >= 0 && port <= 65_535),
  },
  page: functionOption,
  onAddress: functionOption,
  pasteCode: {
    wants: 'true, false or a function',
    accepts: (value) => booleanOption.accepts(value) || functionOption.accepts(value),
  },
  // checkRequestConfig checks the others.
  signal: anyOption,
  headers: anyOption,
  params: anyOption,
  totalTimeout: anyOption,
  retryCount: anyOption,
  retryUnknown: anyOption,
  // The function returns the token.
  returnResponse: { wants: 'false', accepts: (value) => value === false },
  hooks: anyOption,
  callId: anyOption,
  maxContentLength: anyOption,
  maxRedirects: anyOption,
  credentials: anyOption,
  keepalive: anyOption,
}
