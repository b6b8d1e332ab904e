import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocalStorage,
  withoutLocks,
} from './tabs.test-helper.ts'

declare global {
  /** Spends a refresh token on the server of the test. */
  var spend: (refresh_token: string) => Promise<{ access_token: string; refresh_token: string } | undefined>
  var session: ReturnType<typeof exported.createSession>
}

/* Each tab has a complete session. The server accepts each refresh token once, and then revokes its access token. */

describe.skipIf(browserIsMissing).concurrent(`a session in many tabs ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  async function openSessions(count: number, scripts: readonly string[], isEncrypted: boolean) {
    const context = await tabs.context()
    const spent: string[] = []
    await context.exposeFunction('spend', (refresh_token: string) => {
      spent.push(refresh_token)
      const next = spent.length
      // Like the service, reject a refresh token that was used before.
      if (refresh_token !== `refresh-${next - 1}`) return undefined
      return { access_token: `access-${next}`, refresh_token: `refresh-${next}`, expires_in: 7200 }
    })
    const open = async () => {
      const tab = await tabs.open(context, scripts)
      await tab.evaluate(async (isEncrypted) => {
        session = exported.createSession({
          key: 'me',
          grant: {
            async refresh(refresh_token) {
              const token = await spend(refresh_token)
              if (!token) throw new Error('a refresh token was used twice')
              return token
            },
          },
          store: isEncrypted ? exported.encryptedStore(store, await exported.webStoreKey()) : store,
        })
      }, isEncrypted)
      return tab
    }
    return { opened: await Promise.all(Array.from({ length: count }, open)), spent, open }
  }
  const accessToken = (tab: Tab) => tab.evaluate(() => session.getAccessToken())

  it.each([
    ['encrypted, in IndexedDB', [], true],
    ['in IndexedDB, without Web Locks', [withoutLocks], false],
    ['in localStorage', [withoutIndexedDB], false],
  ] as const)(
    'refreshes once, is shared with a new tab, and ends in all tabs: %s',
    async (_backend, scripts, isEncrypted) => {
      const { opened, spent, open } = await openSessions(3, scripts, isEncrypted)
      const [first] = opened as [Tab, ...Tab[]]
      // The token has expired.
      await first.evaluate(() =>
        session.setToken({ access_token: 'access-0', refresh_token: 'refresh-0', expires_in: 0 }),
      )
      expect(await Promise.all(opened.map(accessToken))).toEqual(['access-1', 'access-1', 'access-1'])
      const next = await open()
      expect(await accessToken(next)).toBe('access-1')
      expect(spent).toEqual(['refresh-0'])

      await next.evaluate(() => session.signOut())
      for (const tab of opened) {
        const rejection = tab.evaluate(() =>
          session.getToken({ rejected: 'access-1' }).catch(({ code, cause }) => ({ code, cause })),
        )
        expect(await rejection).toEqual({ code: 'LoginRequired', cause: 'signed_out' })
      }
    },
  )

  it('stores no readable token if the store is encrypted', async () => {
    const { opened } = await openSessions(1, [], true)
    const [tab] = opened as [Tab]
    await tab.evaluate(() =>
      session.setToken({ access_token: 'a-canary', refresh_token: 'r-canary', expires_in: 7200 }),
    )
    const rows = await tab.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('pds-sessions')
        request.onsuccess = () => resolve(request.result)
      })
      const tables = [...database.objectStoreNames]
      const read = (table: string) =>
        new Promise((resolve) => {
          const request = database.transaction(table).objectStore(table).getAll()
          request.onsuccess = () => resolve(request.result)
        })
      return JSON.stringify(await Promise.all(tables.map(read)))
    })
    expect(rows).toContain('v1.')
    expect(rows).not.toContain('canary')
  })

  it('is separate in each tab if the browser denies all storage', async () => {
    const { opened } = await openSessions(2, [withoutIndexedDB, withoutLocalStorage], true)
    const [one, other] = opened as [Tab, Tab]
    await one.evaluate(() =>
      session.setToken({ access_token: 'access-0', refresh_token: 'refresh-0', expires_in: 0 }),
    )
    expect(await accessToken(one)).toBe('access-1')
    expect(await one.evaluate(() => store.scope)).toBe('process')
    expect(await other.evaluate(() => session.getToken().catch(({ cause }) => cause))).toBe('no_token')
  })
})
