import { memoryStore } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTabs, type Tab, type Tabs, withoutIndexedDB, withoutLocks } from './tabs.test-helper.ts'

const names = storeTests(() => memoryStore()).map(({ name }) => name)

/** Runs each test of the contract in a tab. Returns their results. */
function runContract(tab: Tab, isShared: boolean): Promise<Record<string, string>> {
  return tab.evaluate(async (isShared) => {
    const tests = exported.storeTests(() => (isShared ? exported.webStore() : store))
    const run = async ({ name, run }: (typeof tests)[number]) => [
      name,
      await run().then(
        () => 'passes',
        (error: Error) => error.message,
      ),
    ]
    return Object.fromEntries(await Promise.all(tests.map(run)))
  }, isShared)
}

describe
  .skipIf(browserIsMissing)
  .concurrent(`webStore fulfils the Store contract ${browserIsMissing || ''}`, () => {
    let tabs: Tabs
    // Pages to which the browser denies all storage.
    let sandboxed: Tabs
    beforeAll(async () => {
      tabs = await startTabs()
      sandboxed = await startTabs({ 'content-security-policy': 'sandbox allow-scripts' })
    })
    afterAll(async () => {
      await tabs?.close()
      await sandboxed?.close()
    })

    const all = Object.fromEntries(names.map((name) => [name, 'passes']))

    it.each([
      ['in IndexedDB', []],
      ['in IndexedDB, without Web Locks', [withoutLocks]],
      ['in localStorage', [withoutIndexedDB]],
    ])('%s', async (_backend, scripts) => {
      const context = await tabs.context()
      const tab = await tabs.open(context, scripts)
      expect(await runContract(tab, true)).toEqual(all)
      expect(await tab.evaluate(() => store.read('any').then(() => store.scope))).toBe('origin')
      const items = await tab.evaluate(() => localStorage.length)
      expect(items > 0).toBe(scripts.includes(withoutIndexedDB))
    })

    it('in memory', async () => {
      const context = await sandboxed.context()
      const tab = await sandboxed.open(context)
      expect(await tab.evaluate(() => store.scope)).toBe('origin')
      expect(await runContract(tab, false)).toEqual(all)
      expect(await tab.evaluate(() => store.scope)).toBe('process')
    })
  })
