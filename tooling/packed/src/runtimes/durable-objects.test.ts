import { randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { memoryStore } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { repository } from '../packages/repository.ts'
import { type Layout, layOut } from './lay-out.ts'
import { startTestDomain, type TestDomain, user_id } from './test-domain.ts'
import { bundleWorker } from './workerd-runtime.ts'

/* Runs the example with Durable Objects in workerd, with the packed packages. */

const hours = 3_600_000

let layout: Layout
let domain: TestDomain
let miniflare: Miniflare

// Runs one of the tests of the Store contract for each request.
const contractTests = `
  import { storeTests } from '@pds/session/testing'
  import { durableObjectStore } from './session-record.ts'
  export default {
    async fetch(request, env) {
      const name = await request.text()
      const test = storeTests(() => durableObjectStore(env.SESSIONS)).find((test) => test.name === name)
      return new Response(await test.run().then(() => 'passed', String))
    }
  }`

beforeAll(async () => {
  layout = layOut(inject('packed').installed)
  domain = await startTestDomain()
  const example = path.join(repository, 'docs', 'examples', 'durable-objects')
  for (const file of ['session-record.ts', 'worker.ts'])
    cpSync(path.join(example, file), path.join(layout.folder, file))
  const { api_endpoint, domain_id, client_id } = domain.signing
  const bindings = {
    PDS_SESSION_KEY: randomBytes(32).toString('base64'),
    PDS_API_ENDPOINT: api_endpoint,
    PDS_DOMAIN_ID: domain_id,
    PDS_CLIENT_ID: client_id,
    PDS_PRIVATE_KEY: domain.pem.pkcs8,
  }
  const exported = "export { default, SessionRecord } from './worker.ts'"
  const bundle = await bundleWorker(exported, layout.folder)
  const worker = (name: string, contents: string) => ({
    name,
    modules: [{ type: 'ESModule' as const, path: 'worker.mjs', contents }],
    compatibilityDate: '2026-07-30',
    bindings,
    // All workers share the objects of the first one.
    durableObjects: {
      SESSIONS: { className: 'SessionRecord', useSQLite: true, ...(name !== 'one' && { scriptName: 'one' }) },
    },
  })
  miniflare = new Miniflare({
    host: '127.0.0.1',
    cf: false,
    workers: [
      worker('one', bundle),
      worker('other', bundle),
      worker('contract', await bundleWorker(contractTests, layout.folder)),
    ],
  })
})

afterAll(async () => {
  await miniflare?.dispose()
  await domain?.close()
  layout?.remove()
})

async function send(worker: string, url: string, body?: string): Promise<{ status: number; text: string }> {
  const { fetch } = await miniflare.getWorker(worker)
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body })
  return { status: response.status, text: await response.text() }
}

describe('the store in Durable Objects fulfils the Store contract', () => {
  const names = storeTests(() => memoryStore()).map(({ name }) => name)
  it.each(names)('%s', async (name) => {
    expect((await send('contract', 'http://worker.test/', name)).text).toBe('passed')
  })
})

it('two Workers share one token, and refresh it once for 40 concurrent requests', async () => {
  const url = `http://worker.test/?user=${user_id}`
  const sendAll = async () => {
    const workers = Array.from({ length: 40 }, (_, number) => (number % 2 === 0 ? 'one' : 'other'))
    const responses = await Promise.all(workers.map((worker) => send(worker, url)))
    for (const { status, text } of responses) {
      expect({ status, text }).toMatchObject({ status: 200, text: expect.stringContaining(user_id) })
    }
  }
  const requested = domain.watch()
  const granted = () => requested().filter((line) => /^\/v2\/oauth\/token .* 200$/.test(line))
  await sendAll()
  expect(granted()).toHaveLength(1)
  domain.emulator.clock.advance(3 * hours)
  await sendAll()
  expect(granted()).toHaveLength(2)
})
