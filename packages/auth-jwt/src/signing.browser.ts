import { PDSError } from '@pds/core/internal'
import type * as signing from './index.ts'

/*
 * What stands in for the signing functions in a browser bundle. They fail when they are called, not when they
 * are imported, so that code for both sides can be bundled; and they import neither jose nor `node:crypto`.
 */

export const getUserJwtToken: typeof signing.getUserJwtToken = () => rejectInBrowser('getUserJwtToken')

export const getServiceJwtToken: typeof signing.getServiceJwtToken = () =>
  rejectInBrowser('getServiceJwtToken')

export const signAssertion: typeof signing.signAssertion = () => rejectInBrowser('signAssertion')

export const jwtGrant: typeof signing.jwtGrant = () => {
  throw unsupported('jwtGrant')
}

async function rejectInBrowser(method: string): Promise<never> {
  throw unsupported(method)
}

function unsupported(method: string): PDSError {
  return new PDSError(
    `${method} does not run in a browser, where a private key cannot be kept: call it on your server`,
    { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
  )
}
