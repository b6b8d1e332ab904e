import { memoryStore } from '@pds/session'
import { expect, it } from 'vitest'
import { monitorStore } from './monitored-store.ts'

const record = { epoch: 1, data: 'text' }

it('allows all calls at first, and one read in 5 seconds once the token is cached', async () => {
  let now = 0
  const { store, expectCached, check } = monitorStore(memoryStore(), () => now)
  await store.compareAndSet('key', record, 0)
  await store.read('key')
  expectCached()
  now = 5000
  await store.read('key')
  now = 10_000
  expect(await store.read('key')).toMatchObject(record)
  expect(check).not.toThrow()
})

it('reports a read that comes too soon, and each other call', async () => {
  let now = 0
  const calls = {
    read: ({ store }) => store.read('key'),
    compareAndSet: ({ store }) => store.compareAndSet('key', record, 0),
    lease: ({ store }) => store.lease('key', 'owner', 1000),
    release: ({ store }) => store.release('key', 'owner', 1),
  } satisfies Record<string, (monitored: ReturnType<typeof monitorStore>) => unknown>
  for (const [name, call] of Object.entries(calls)) {
    const monitored = monitorStore(memoryStore(), () => now)
    await monitored.store.read('key')
    monitored.expectCached()
    now += name === 'read' ? 1000 : 9000
    await call(monitored)
    expect(monitored.check).toThrow(`called ${name} of its store`)
  }
})
