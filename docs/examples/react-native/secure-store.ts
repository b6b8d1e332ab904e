import { conditionalStore, type Store } from '@pds/session'
import type { SecureStoreOptions } from 'expo-secure-store'

/** The functions of `expo-secure-store` that the store calls. */
type Items = Pick<typeof import('expo-secure-store'), 'getItemAsync' | 'setItemAsync' | 'deleteItemAsync'>

// An item has at most 2048 bytes.
const partLength = 2000

// The last call of each keychain. The calls run one after another, because a keychain compares no versions.
const lastCalls = new WeakMap<Items, Promise<unknown>>()

/**
 * Creates a store in the keychain of the system, for one process. A value has two places, `a` and `b`. A write fills the
 * free place, and then the head, one item with the name of the place: if it fails halfway, the old value is still there.
 */
export function secureStore(items: Items, options: SecureStoreOptions = {}): Store {
  const read = (item: string) => items.getItemAsync(item, options)
  const write = (item: string, value: string) => items.setItemAsync(item, value, options)

  function inTurn<T>(call: () => Promise<T>): Promise<T> {
    const running = (lastCalls.get(items) ?? Promise.resolve()).then(call, call)
    lastCalls.set(items, running)
    return running
  }

  /** Deletes the parts of a value. What remains after a failure is overwritten later. */
  async function deleteParts(key: string, head: string | undefined): Promise<void> {
    for (const part of partsOf(key, head)) await items.deleteItemAsync(part, options).catch(() => undefined)
  }

  return conditionalStore<string>({
    scope: 'process',
    get: (key) =>
      inTurn(async () => {
        const head = await read(itemOf(key))
        if (head === null) return undefined
        let value = ''
        for (const part of partsOf(key, head)) value += (await read(part)) ?? ''
        return { value, version: head }
      }),
    put: (key, value, ifVersion) =>
      inTurn(async () => {
        const head = (await read(itemOf(key))) ?? undefined
        if (head !== ifVersion) return false
        const texts = split(value)
        const place = head?.startsWith('a') ? 'b' : 'a'
        const next = `${place} ${texts.length} ${crypto.randomUUID()}`
        for (const [index, part] of partsOf(key, next).entries()) await write(part, texts[index] ?? '')
        await write(itemOf(key), next)
        await deleteParts(key, head)
        return true
      }),
    delete: (key, ifVersion) =>
      inTurn(async () => {
        if ((await read(itemOf(key))) !== ifVersion) return
        await items.deleteItemAsync(itemOf(key), options)
        await deleteParts(key, ifVersion)
      }),
  })
}

/** Returns the item of a key. The keys of `conditionalStore` have `=`, which the names of items must not have. */
function itemOf(key: string): string {
  return `pds.${key.replaceAll('-', '--').replaceAll('=', '-_')}`
}

/** Returns the items of a value: the head has its place, its number of parts and a random id. */
function partsOf(key: string, head = ''): string[] {
  const [place, count] = head.split(' ')
  return Array.from({ length: Number(count) || 0 }, (_, index) => `${itemOf(key)}-${place}${index}`)
}

/** Splits a value, which is JSON. All its characters become ASCII first, so that each has one byte. */
function split(value: string): string[] {
  const toAscii = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const text = value.replace(/[^ -~]/g, toAscii)
  return Array.from({ length: Math.ceil(text.length / partLength) }, (_, index) =>
    text.slice(index * partLength, (index + 1) * partLength),
  )
}
