import { PDSError } from '@pds/core/internal'
import type * as signing from './index.ts'

/*
 * Replaces the functions that use a private key in a browser bundle. They throw when called, not when imported, so that
 * shared code can be bundled. They import neither jose nor `node:crypto`.
 */

export const getUserJwtToken: typeof signing.getUserJwtToken = () => rejectInBrowser('getUserJwtToken')

export const getServiceJwtToken: typeof signing.getServiceJwtToken = () =>
  rejectInBrowser('getServiceJwtToken')

export const signAssertion: typeof signing.signAssertion = () => rejectInBrowser('signAssertion')

export const jwtGrant: typeof signing.jwtGrant = () => {
  throw unsupported('jwtGrant')
}

export const fromEnv: typeof signing.fromEnv = () => {
  throw unsupported('fromEnv')
}

async function rejectInBrowser(method: string): Promise<never> {
  throw unsupported(method)
}

function unsupported(method: string): PDSError {
  return new PDSError(
    `${method} does not run in a browser, where a private key cannot be kept secret: call it on your server`,
    { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
  )
}
