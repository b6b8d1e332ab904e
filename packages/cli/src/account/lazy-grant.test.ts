import { rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Home, startDomain } from '../commands/command-process.test-helper.ts'
import { lazyGrant } from './lazy-grant.ts'
import { MeasuredClock } from './measured-clock.ts'

it('reports a missing private key as not sent, and works when the file is back', async () => {
  const { api_endpoint, domain_id, app } = await startDomain()
  const { client_id, private_key_pem } = app('jwt')
  const home = new Home()
  const key_file = home.write('key.pem', private_key_pem)
  rmSync(key_file)
  const profile = { type: 'service', api_endpoint, domain_id, client_id, key_file } as const
  const grant = lazyGrant(profile, undefined, new MeasuredClock(home.file('clock.json')))
  const context = { signal: new AbortController().signal, timeout: 30_000 }
  const failure = { code: 'KeyFile', outcome: 'not-sent', message: expect.stringContaining(key_file) }
  await expect(grant.obtain?.(context)).rejects.toMatchObject(failure)
  writeFileSync(key_file, private_key_pem)
  expect(await grant.obtain?.(context)).toHaveProperty('access_token')
})
