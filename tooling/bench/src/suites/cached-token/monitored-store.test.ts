import { memoryStore } from '@pds/session'
import { expect, it } from 'vitest'
import { watchStore } from './monitored-store.ts'

const record = { epoch: 1, data: 'text' }

it('allows everything before, and a look in 5 seconds afterwards', async () => {
  let now = 0
  const { store, expectRest, check } = watchStore(memoryStore(), () => now)
  await store.cas('key', record, 0)
  await store.read('key')
  expectRest()
  now = 5000
  await store.read('key')
  now = 10_000
  expect(await store.read('key')).toMatchObject(record)
  expect(check).not.toThrow()
})

it('tells of a look that came too soon, and of each other call', async () => {
  let now = 0
  const calls = {
    read: ({ store }) => store.read('key'),
    cas: ({ store }) => store.cas('key', record, 0),
    lease: ({ store }) => store.lease('key', 'owner', 1000),
    release: ({ store }) => store.release('key', 'owner', 1),
  } satisfies Record<string, (watched: ReturnType<typeof watchStore>) => unknown>
  for (const [name, call] of Object.entries(calls)) {
    const watched = watchStore(memoryStore(), () => now)
    await watched.store.read('key')
    watched.expectRest()
    now += name === 'read' ? 1000 : 9000
    await call(watched)
    expect(watched.check).toThrow(`called ${name} of its store`)
  }
})
