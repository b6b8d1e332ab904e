/*
 * Uses a transport of the installed `@pds/core` with packages that carry another copy of it:
 * `two-copies.mjs <environment as JSON>`. Prints the results as a line of JSON.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { getUserJwtToken } from '@pds/auth-jwt'
import { getTokenByCode, refreshToken } from '@pds/auth-oauth'
import * as core from '@pds/core'

const { api_endpoint, broken_endpoint, app, code, key } = JSON.parse(process.argv[2])

/** Returns the version and the exports of the copy of `@pds/core` that a package imports. */
async function copyOf(name) {
  const require = createRequire(import.meta.resolve(name))
  const { version } = require('@pds/core/package.json')
  return { version, exports: await import(pathToFileURL(require.resolve('@pds/core'))) }
}

const copies = [await copyOf('@pds/auth-oauth'), await copyOf('@pds/auth-jwt')]

/** Returns the properties of an error, as users of each copy of `@pds/core` see it. */
async function failureOf(call, secrets) {
  const error = await call.then(
    () => undefined,
    (error) => error,
  )
  const texts = [inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), error?.stack]
  return {
    code: error?.code,
    outcome: error?.outcome,
    status: error?.status,
    isPDSError: [core, ...copies.map(({ exports }) => exports)].map(({ isPDSError }) => isPDSError(error)),
    leaks: secrets.filter((secret) => texts.some((text) => text?.includes(secret))),
  }
}

const transport = core.createTransport({ api_endpoint })
const broken = core.createTransport({ api_endpoint: broken_endpoint, retryCount: 0 })

const first = await getTokenByCode(transport, { ...app, code })
const next = await refreshToken(transport, { ...app, refresh_token: first.refresh_token })
const signed = await getUserJwtToken(transport, key)
const spent = { ...app, refresh_token: first.refresh_token }
const unknownKey = { ...key, client_id: 'unknown-app' }

const results = {
  versions: [
    createRequire(import.meta.url)('@pds/core/package.json').version,
    ...copies.map(({ version }) => version),
  ],
  classes: new Set([core, ...copies.map(({ exports }) => exports)].map(({ PDSError }) => PDSError)).size,
  users: [next.user_id, signed.user_id],
  serviceErrors: [
    await failureOf(refreshToken(transport, spent), [spent.refresh_token]),
    await failureOf(getUserJwtToken(transport, unknownKey), [key.private_key_pem]),
  ],
  invalidResponses: [
    await failureOf(refreshToken(broken, spent), [spent.refresh_token, 'secret of the response']),
    await failureOf(getUserJwtToken(broken, key), [key.private_key_pem, 'secret of the response']),
  ],
}
process.stdout.write(`${JSON.stringify(results)}\n`)
