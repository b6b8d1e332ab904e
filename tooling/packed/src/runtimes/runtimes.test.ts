import path from 'node:path'
import { freePort } from 'shared/free-port'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  postgresIsMissing,
  type RunningPostgres,
  startPostgres,
} from '../../../../packages/session-postgres/src/start-postgres.test-helper.ts'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../../packages/session-redis/src/start-redis.test-helper.ts'
import {
  type RunningRestProxy,
  startRestProxy,
} from '../../../../packages/session-redis/src/start-rest-proxy.test-helper.ts'
import { type Layout, layOut } from './lay-out.ts'
import { documentedTables, type Finding, writeTables } from './readme-table.ts'
import type { Runtime, RuntimeCase, StoreKind } from './runtime.ts'
import { runtimeCases, startWorkerd } from './runtime-cases.ts'
import { passphrase, startTestDomain, type TestDomain, user_id } from './test-domain.ts'

/*
 * Tests the packed packages in each runtime. The scenarios in the folder `scenarios` run there and check their results;
 * these tests check the log of the domain. The tests compare their findings with the table in the READMEs. To write the
 * table instead:
 *
 *   PDS_WRITE_TABLES=1 npm run test:packed -- src/runtimes
 */

const hour = 3_600_000
const findings = new Map<string, Finding>()

let layout: Layout
let domain: TestDomain
/** A second domain, whose clock the tests advance. Assertions need a domain with the time of this machine. */
let shiftedDomain: TestDomain
let redis: RunningRedis | undefined
let httpRedis: RunningRestProxy | undefined
let postgres: RunningPostgres | undefined

beforeAll(async () => {
  layout = layOut(inject('packed').installed)
  domain = await startTestDomain()
  shiftedDomain = await startTestDomain()
  redis = redisIsMissing ? undefined : await startRedis()
  httpRedis = redis && (await startRestProxy(redis.url))
  postgres = postgresIsMissing ? undefined : await startPostgres()
})

afterAll(async () => {
  await httpRedis?.stop()
  await redis?.stop()
  await postgres?.stop()
  await shiftedDomain?.close()
  await domain?.close()
  layout?.remove()
})

describe.each(runtimeCases)('$name', (runtimeCase) => {
  const {
    name,
    engine,
    isMissing = false,
    signs,
    hasBackend,
    usesHttpRedis,
    stores,
    hasEmulator,
    hasRequire,
    retriesByItself,
  } = runtimeCase
  describe.skipIf(isMissing)(`with the packed packages ${isMissing || ''}`, () => {
    let runtime: Runtime
    let found: Finding

    beforeAll(async () => {
      runtime = await runtimeCase.start(layout.folder)
      const { version } = runtime
      const title = engine ? `${name} (${engine} ${version})` : `${name.replace(/ [\d.]+$/, '')} ${version}`
      found = { runtime: title }
      findings.set(name, found)
    })

    afterAll(() => runtime?.close())

    it('signs in, refreshes and signs out', async () => {
      const { app, emulator, watch } = domain
      const requested = watch()
      const rejected = { code: 'InvalidParameter.RefreshToken', outcome: 'responded' }
      const result = await runtime.run('sign-in', { api_endpoint: emulator.api_endpoint, app, user_id })
      expect(result).toMatchObject({ spent: rejected, revoked: rejected })
      expect(requested()).toEqual([
        '/v2/oauth/authorize 302',
        '/v2/oauth/token authorization_code 200',
        '/v2/user/get 200',
        '/v2/oauth/token refresh_token 200',
        '/v2/user/get 401',
        '/v2/user/get 200',
        '/v2/oauth/token refresh_token 400',
        '/v2/account/revoke 204',
        '/v2/user/get 401',
        '/v2/oauth/token refresh_token 400',
      ])
      found.signIn = true
    })

    describe('reports the outcome of a request', () => {
      const refreshes = (lines: string[]) => lines.filter((line) => line.includes(' refresh_token '))

      it('after a failed connection, a redirect and a timeout', async () => {
        const { app, emulator, signIn, watch } = domain
        const closed = `http://127.0.0.1:${await freePort()}`
        const given = [{ name: 'refused', endpoint: closed }, { name: 'cut off' }, { name: 'redirected' }]
        const calls = await Promise.all(
          [...given, { name: 'late', timeout: 300 }].map(async (call) => ({
            ...call,
            app,
            token: await signIn(),
          })),
        )
        const path = '/v2/oauth/token'
        emulator.injectFault({ type: 'truncate', path })
        emulator.injectFault({ type: 'redirect', location: `${closed}/elsewhere`, path })
        emulator.injectFault({ type: 'delay', milliseconds: hour, path })
        const requested = watch()
        const { api_endpoint } = emulator
        expect(await runtime.run('connections', { api_endpoint, calls })).toEqual({
          refused: `NetworkError, ${runtimeCase.reportsRefusedConnections ? 'not-sent' : 'unknown'}`,
          'cut off': `${runtimeCase.hidesCutBodies ? 'InvalidResponse' : 'NetworkError'}, unknown`,
          // The redirect leads to the closed port.
          redirected: `${runtimeCase.followsRedirects ? 'NetworkError' : 'InvalidResponse'}, unknown`,
          late: 'Timeout, unknown',
        })
        expect(emulator.faults).toEqual([])
        // The late request is logged when its connection is closed, which may be after this check.
        expect(refreshes(requested()).slice(0, 2)).toEqual([
          '/v2/oauth/token refresh_token 200',
          '/v2/oauth/token refresh_token 307',
        ])
      })

      it.each([
        // If the service handled the request, the automatic retry of the runtime sends a spent token.
        { when: 'before' as const, retried: ['none', 200] },
        { when: 'after' as const, retried: ['InvalidParameter.RefreshToken, responded', 400] },
      ])('if the connection closes $when the service handles the request', async ({ when, retried }) => {
        const { app, emulator, signIn, watch } = domain
        const calls = [{ name: 'cut', app, token: await signIn() }]
        emulator.injectFault({ type: 'drop', when, path: '/v2/oauth/token' })
        const requested = watch()
        const [failure, status] = retriesByItself ? retried : ['NetworkError, unknown']
        const { api_endpoint } = emulator
        expect(await runtime.run('connections', { api_endpoint, calls })).toEqual({ cut: failure })
        expect(refreshes(requested())).toEqual([
          '/v2/oauth/token refresh_token 0',
          ...(status === undefined ? [] : [`/v2/oauth/token refresh_token ${status}`]),
        ])
      })
    })

    it(signs === 'none' ? 'throws instead of signing' : 'signs with each kind of key', async () => {
      const environment = { ...domain.signing, passphrase }
      const requested = domain.watch()
      const results = (await runtime.run('signing', environment)) as SigningResults
      const kinds = kindsOf(results)
      if (signs === 'none') {
        for (const result of Object.values(results))
          expect(result).toMatchObject({ code: 'UnsupportedEnvironment', outcome: 'not-sent' })
        expect(requested()).toEqual([])
        return
      }
      expect(kinds.slice(0, 3)).toEqual(['PKCS#8', '`CryptoKey`', '`signer`'])
      const each = '/v2/oauth/token jwt-bearer 200'
      expect(requested().filter((line) => line === each)).toHaveLength(2 * kinds.length)
      if (signs === 'all') {
        expect(Object.values(results)).toEqual(Array.from({ length: 7 }, () => 'signed'))
        found.signing = { kinds, isAll: true }
        return
      }
      expect(kinds).toHaveLength(3)
      for (const kind of ['PKCS#1', 'encrypted PKCS#8', 'encrypted PKCS#1']) {
        const message = expect.stringMatching(/nodejs_compat.* openssl pkcs8 -topk8 /)
        expect(results[kind]).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent', message })
      }
      found.signing = { kinds, isAll: false }
      if (engine !== 'workerd') return
      const flag = 'nodejs_compat'
      const compatible = await startWorkerd(layout.folder, [flag])
      const all = (await compatible.run('signing', environment)) as SigningResults
      await compatible.close()
      expect(Object.values(all)).toEqual(Array.from({ length: 7 }, () => 'signed'))
      found.signing = { kinds, isAll: false, flag }
    })

    if (hasBackend) {
      it('runs the routes of a back end', async () => {
        const { app, emulator, watch } = domain
        const requested = watch()
        const result = await runtime.run('backend', { api_endpoint: emulator.api_endpoint, app, user_id })
        expect(result).toEqual({ statuses: [204, 401, 403], cookies: [] })
        expect(requested()).toEqual([
          '/v2/oauth/authorize 302',
          '/v2/oauth/token authorization_code 200',
          '/v2/oauth/token refresh_token 200',
          '/v2/account/revoke 204',
        ])
        found.backend = true
      })
    }

    it('calls the API with the client', async () => {
      const token = signs === 'none' ? await domain.signIn() : undefined
      const requested = domain.watch()
      expect(await runtime.run('client', { ...domain.signing, token })).toEqual({ user_id })
      expect(requested()).toEqual([
        ...(signs === 'none' ? [] : ['/v2/oauth/token jwt-bearer 200']),
        '/v2/user/get 200',
      ])
    })

    describe.each(stores)('shares a session in %s', (kind) => {
      const missing = (kind === 'redis' && redisIsMissing) || (kind === 'postgres' && postgresIsMissing)
      describe.skipIf(missing)(`between two callers ${missing || ''}`, () => {
        it('with one refresh, plain and encrypted', async () => {
          for (const isEncrypted of runtimeCase.lacksEncryption ? [false] : [false, true])
            await share(runtime, runtimeCase, kind, isEncrypted)
          if (kind === 'redis') found.redis = usesHttpRedis ? 'http' : true
          else found[kind] = true
        })

        if (kind === 'sqlite') {
          it('in a file that another connection is creating', async () => {
            const file = path.join(layout.folder, `${name} locked.db`)
            expect(await runtime.run('locked-file', { path: file })).toBe(true)
          })
        }
      })
    })

    if (hasEmulator) {
      it('runs the emulator', async () => {
        expect(await runtime.run('emulator', { user_id })).toEqual({
          outcomes: [
            'TooManyRequests, responded',
            retriesByItself ? 'InvalidParameter.RefreshToken, responded' : 'NetworkError, unknown',
            'NetworkError, unknown',
            'NetworkError, unknown',
            'InvalidResponse, unknown',
          ],
          log: [
            '/v2/oauth/token jwt-bearer 200',
            '/v2/user/get  200',
            '/v2/oauth/token authorization_code 200',
            '/v2/oauth/token refresh_token 200',
            '/v2/user/get  401',
          ],
        })
        found.emulator = true
      })
    }

    // Other runtimes have other garbage collectors and never had this bug.
    if (name.startsWith('Node.js')) {
      it('keeps the body of a response after a garbage collection', async () => {
        expect(await runtime.run('collected', {})).toBe('complete')
      })
    }

    if (hasRequire) {
      it('runs the client in CommonJS', async () => {
        const requested = domain.watch()
        expect(await runtime.run('require.cjs', domain.signing)).toEqual({ user_id })
        expect(requested()).toEqual(['/v2/oauth/token jwt-bearer 200', '/v2/user/get 200'])
        found.require = true
      })
    }
  })
})

/** Uses a session with an expired token in two runs: two processes, tabs of a browser or requests of a worker. */
async function share(
  runtime: Runtime,
  { name, sharesMemory, usesHttpRedis }: RuntimeCase,
  kind: StoreKind,
  isEncrypted: boolean,
): Promise<void> {
  const { app, emulator, signIn, watch } = shiftedDomain
  const token = await signIn()
  emulator.clock.advance(2 * hour + 1000)
  const invalidUses = emulator.invalidTokenUses.refresh
  const requested = watch()
  const key = `${name} ${isEncrypted ? 'encrypted' : 'plain'}`
  const secret = Array.from({ length: 32 }, (_, index) => index)
  const stores = {
    memory: { name: key },
    sqlite: { path: path.join(layout.folder, `${key}.db`) },
    redis: usesHttpRedis
      ? { url: httpRedis?.url, token: httpRedis?.token, library: '@upstash/redis' }
      : { url: redis?.url, library: isEncrypted ? 'ioredis' : 'redis' },
    postgres: { url: postgres?.url, library: isEncrypted ? 'postgres' : 'pg' },
    web: { name: key },
  }
  const store = { ...stores[kind], kind, isEncrypted, key: secret }
  const environment = { api_endpoint: emulator.api_endpoint, app, token, key, store }
  const isAlone = kind === 'memory' && !sharesMemory
  const runs = Array.from({ length: isAlone ? 1 : 2 }, () => runtime.run('session', environment))
  const results = (await Promise.all(runs)) as { access_token: string; scope: string }[]
  const scope = {
    memory: 'process',
    sqlite: 'machine',
    redis: 'cluster',
    postgres: 'cluster',
    web: 'origin',
  }[kind]
  for (const result of results) expect(result).toEqual({ access_token: results[0]?.access_token, scope })
  expect(requested().filter((line) => !line.startsWith('/v2/user/get'))).toEqual([
    '/v2/oauth/token refresh_token 200',
  ])
  expect(emulator.invalidTokenUses.refresh).toBe(invalidUses)
}

type SigningResults = Record<string, 'signed' | object>

/** Returns the kinds of keys that signed, as a document writes them. */
function kindsOf(results: SigningResults): string[] {
  const signed = Object.keys(results).filter((kind) => results[kind] === 'signed')
  return signed.map((kind) => (/^(CryptoKey|signer|KeyObject)$/.test(kind) ? `\`${kind}\`` : kind))
}

const isMissing =
  redisIsMissing || postgresIsMissing || runtimeCases.find((each) => each.isMissing)?.isMissing
describe.skipIf(isMissing)(`the table of the README ${isMissing || ''}`, () => {
  it('matches the findings', () => {
    const all = runtimeCases.flatMap(({ name }) => findings.get(name) ?? [])
    if (process.env.PDS_WRITE_TABLES === '1') writeTables(all)
    for (const { file, actual, expected } of documentedTables(all)) expect(actual, file).toBe(expected)
  })
})
