import { storeTests } from '@pds/session/testing'
import { describe, expect, it } from 'vitest'
import { secureStore } from '../../examples/react-native/secure-store.ts'
import { SecureItems } from './secure-items.test-helper.ts'

/* The store of the React Native example, over a stand-in for `expo-secure-store`. */

const shared = new SecureItems()

describe('fulfils the Store contract within a process', () => {
  it.each(storeTests(() => secureStore(shared)))('$name', ({ run }) => run())
})

const old = { epoch: 1, data: 'the old record' }
// Longer than two items.
const next = { epoch: 1, data: '新'.repeat(1000) }

/** Returns the number of writes that replace the old record by the next one. */
async function countWrites(): Promise<number> {
  const { items, store } = await open()
  items.faults.push(...Array(100).fill('none'))
  await store.compareAndSet('me', next, 1)
  return 100 - items.faults.length
}

async function open() {
  const items = new SecureItems()
  const store = secureStore(items)
  await store.compareAndSet('me', old, 0)
  return { items, store }
}

describe('keeps the old record', () => {
  it('if any write of the next record fails, and writes the next record later', async () => {
    const count = await countWrites()
    expect(count).toBeGreaterThan(3)
    for (let failing = 0; failing < count; failing++) {
      const { items, store } = await open()
      items.faults.push(...Array(failing).fill('none'), 'fails')
      await expect(store.compareAndSet('me', next, 1)).rejects.toThrow('the keychain is locked')
      expect(await store.read('me')).toEqual({ ...old, rev: 1 })
      expect(await store.compareAndSet('me', next, 1)).toBe(true)
      expect(await store.read('me')).toEqual({ ...next, rev: 2 })
    }
  })

  it('if the application ends during any write of the next record', async () => {
    const count = await countWrites()
    for (let failing = 0; failing < count; failing++) {
      const { items, store } = await open()
      items.faults.push(...Array(failing).fill('none'), 'hangs')
      void store.compareAndSet('me', next, 1)
      await expect.poll(() => items.faults).toEqual([])
      // The application starts again.
      const restarted = secureStore(new SecureItems(items.items))
      expect(await restarted.read('me')).toEqual({ ...old, rev: 1 })
      expect(await restarted.compareAndSet('me', next, 1)).toBe(true)
      expect(await restarted.read('me')).toEqual({ ...next, rev: 2 })
    }
  })
})

it('recognizes the next record if its last write took place and failed', async () => {
  const { items, store } = await open()
  const count = await countWrites()
  items.faults.push(...Array(count - 1).fill('none'), 'fails after it wrote')
  expect(await store.compareAndSet('me', next, 1)).toBe(true)
  expect(await store.read('me')).toEqual({ ...next, rev: 2 })
})

it('leaves no part of a replaced record in the keychain', async () => {
  const { items, store } = await open()
  await store.compareAndSet('me', next, 1)
  await store.compareAndSet('me', { epoch: 2, data: 'signed out' }, 2)
  expect([...items.items.keys()].sort()).toEqual(['pds.me', 'pds.me-a0'])
  expect([...items.items.values()].join('')).not.toContain('\\u65b0')
})

it('returns a record with a missing part as damaged, and lets it be replaced', async () => {
  const { items, store } = await open()
  items.items.delete('pds.me-a0')
  const damaged = await store.read('me')
  expect(damaged).toMatchObject({ rev: -1, error: expect.any(Error) })
  expect(await store.compareAndSet('me', next, damaged?.rev ?? 0)).toBe(true)
  expect((await store.read('me'))?.data).toBe(next.data)
})
