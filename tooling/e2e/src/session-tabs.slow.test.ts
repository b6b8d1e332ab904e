import { browserIsMissing } from 'shared/browser'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import {
  type BrowserFeatures,
  testOneRefresh,
  withoutIndexedDB,
  withoutWebLocks,
} from './tabs/one-refresh.ts'
import { SessionTabs } from './tabs/session-tabs.ts'

/* One session in six tabs of a real browser whose localStorage is full, which takes long. */

const browsers: [name: string, features: BrowserFeatures][] = [
  ['without Web Locks, with a full localStorage', { initScript: withoutWebLocks, isFull: true }],
  [
    'without IndexedDB, with a full localStorage',
    { initScript: withoutIndexedDB, isFull: true, isSlow: true },
  ],
]

describe.skipIf(browserIsMissing)(`six tabs ${browserIsMissing || ''}`, () => {
  let tabs: SessionTabs

  beforeAll(async () => {
    tabs = await SessionTabs.start()
  })

  afterEach(async () => {
    expect(await tabs?.closeTabs()).toEqual([])
  })

  afterAll(() => tabs?.close())

  testOneRefresh(browsers, () => tabs)
})
