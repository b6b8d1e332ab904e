import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, it } from 'vitest'
import { buildWithVite } from './bundle-with-vite.ts'
import { bundlerNames, bundlers } from './bundlers.ts'
import { writeEntry } from './entry.ts'

const signing = `
  import { getServiceJwtToken, getUserJwtToken } from '@pds/auth-jwt'
  import { createTransport } from '@pds/core'
  import { startEmulator } from '@pds/emulator'

  const emulator = await startEmulator()
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const { client_id, private_key_pem } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const user = await getUserJwtToken(transport, { ...key, user_id: 'user-1' })
  const service = await getServiceJwtToken(transport, key)
`

it.each(bundlerNames)('a bundle by %s for a server signs and stores sessions', async (bundler) => {
  const program = `${signing}
    import { jwtGrant } from '@pds/auth-jwt'
    import { createSession } from '@pds/session'
    import { postgresStore } from '@pds/session-postgres'
    import { redisStore } from '@pds/session-redis'
    import { sqliteStore } from '@pds/session-sqlite'

    const grant = jwtGrant({ transport, ...key, user_id: 'user-1' })
    const store = sqliteStore({ path: 'sessions.db' })
    const stored = await createSession({ key: 'user-1', grant, store }).getAccessToken()
    const shared = await createSession({ key: 'user-1', grant, store }).getAccessToken()
    const { scope } = redisStore({ client: { status: 'ready', eval: async () => null, evalsha: async () => null } })
    const unknown = await postgresStore({ query: async () => [] }).read('user-1')
    store.close()
    await emulator.close()
    console.log(JSON.stringify({ user: user.user_id, service: service.role, isShared: shared === stored, scope, isUnknown: unknown === undefined }))
  `
  const { code } = await bundlers[bundler](writeEntry(program), 'server')
  expect(await runBundle(code, 'alone')).toEqual({
    user: 'user-1',
    service: 'superadmin',
    isShared: true,
    scope: 'cluster',
    isUnknown: true,
  })
})

it('a default bundle by Vite for a server signs with the installed packages', async () => {
  const program = `${signing}
    await emulator.close()
    console.log(JSON.stringify({ user: user.user_id, service: service.role }))
  `
  const { code, imports } = await buildWithVite(writeEntry(program), { build: { ssr: true } })
  expect([...imports].sort()).toEqual(['@pds/auth-jwt', '@pds/core', '@pds/emulator'])
  expect(await runBundle(code, 'beside the packages')).toEqual({ user: 'user-1', service: 'superadmin' })
})

/**
 * Runs a bundle in Node.js, in an empty folder. Returns the JSON that it prints.
 *
 * The bundle can import packages only from a folder beside the installed packages.
 */
async function runBundle(code: string, where: 'alone' | 'beside the packages'): Promise<unknown> {
  const { installed } = inject('packed')
  const folder = mkdtempSync(path.join(where === 'alone' ? path.dirname(installed) : installed, 'run-'))
  const file = path.join(folder, 'bundle.mjs')
  writeFileSync(file, code)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder })
  // Warnings, such as deprecations.
  if (stderr !== '') throw new Error(`the bundle wrote: ${stderr}`)
  return JSON.parse(stdout)
}
