import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectClient } from './clients.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

describe.skipIf(postgresIsMissing)(`postgresStore in several processes ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('creates its table once, and loses no write of concurrent processes', async () => {
    const flags = ['--unhandled-rejections=strict', '--throw-deprecation']
    if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
    const script = path.join(import.meta.dirname, 'count-up.test-helper.ts')
    const runs = ['pg', 'postgres', 'pg', 'postgres'].map((library) =>
      promisify(execFile)(process.execPath, [...flags, script, library, server.url, 'counter', '50']),
    )
    for (const { stdout, stderr } of await Promise.all(runs)) {
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    }
    const { query, close } = connectClient.pg(server.url)
    expect(await postgresStore({ query }).read('counter')).toEqual({ epoch: 0, data: '200', rev: 200 })
    await close()
  })
})
