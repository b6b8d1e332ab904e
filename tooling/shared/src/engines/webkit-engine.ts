import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { findProgram } from '../browser/find-program.ts'
import { freePort } from '../free-port.ts'
import { type Engine, type EngineProfile, type EngineTab, waitForValue, withLimit } from './engine.ts'
import { startTied, type TiedProcess } from './tied-process.ts'
import { request, startWebDriver, type WebDriver } from './web-driver.ts'

/* WebKitGTK, driven by WebDriver. It has no headless mode, so it runs on a virtual display. */

const driver = findProgram({
  variable: 'PDS_WEBKIT_DRIVER',
  names: ['WebKitWebDriver'],
  missing:
    'WebKit is missing: apt-get install webkit2gtk-driver, or name WebKitWebDriver in PDS_WEBKIT_DRIVER',
})
const display = findProgram({
  variable: 'PDS_XVFB',
  names: ['Xvfb'],
  missing: 'Xvfb is missing, the display of WebKit: apt-get install xvfb',
})

export const webkit: Engine = {
  name: 'WebKit',
  isMissing: driver.isMissing || display.isMissing,
  async launch({ isPrivate = false } = {}) {
    const screen = await startDisplay()
    let version = 'unknown'
    const profiles = new Set<EngineProfile>()
    return {
      version: () => version,
      // A driver has one session, and a session one profile. So each profile starts a driver and a browser.
      async newProfile({ proxy } = {}) {
        const server = await startDriver(screen.name)
        try {
          const session = await startWebDriver(server.origin, {
            'webkitgtk:browserOptions': {
              args: [
                '--automation',
                '--javascript-can-open-windows-automatically=true',
                ...(isPrivate ? ['--private'] : []),
              ],
            },
            ...(proxy !== undefined && { proxy: { proxyType: 'manual', httpProxy: proxy } }),
          })
          version = session.version
          // WebKit measures the time limit of a script by the timers of the page, which tests stop.
          await session.send('POST', '/timeouts', { script: null })
          const profile = createProfile(session, async () => {
            profiles.delete(profile)
            await server.process.end()
          })
          profiles.add(profile)
          return profile
        } catch (error) {
          await server.process.end()
          throw error
        }
      },
      async close() {
        try {
          await Promise.all([...profiles].map((profile) => profile.close()))
        } finally {
          await screen.process.end()
        }
      },
    }
  },
}

/** Starts a display with a free number. */
async function startDisplay(): Promise<{ name: string; process: TiedProcess }> {
  const args = ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1024x768x24']
  const server = startTied(display.file, args, { more: ['pipe'] })
  const [number] = await withLimit('starting Xvfb', once(server.child.stdio[3] as Readable, 'data'))
  return { name: `:${String(number).trim()}`, process: server }
}

/** Starts the server of WebDriver on a free port. */
async function startDriver(screen: string): Promise<{ origin: string; process: TiedProcess }> {
  const port = await freePort()
  const env = { ...process.env, DISPLAY: screen, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1' }
  const server = startTied(driver.file, [`--port=${port}`], { env })
  const origin = `http://127.0.0.1:${port}`
  await waitForValue(
    {
      // It does not listen yet.
      evaluate: (command) => request('GET', origin + command).catch(() => null),
    },
    '/status',
  )
  return { origin, process: server }
}

function createProfile(session: WebDriver, end: () => Promise<void>): EngineProfile {
  // The window that the browser starts with. The browser ends when its last window is closed, so this one stays open.
  let first: string | undefined
  let isFirstFree = true
  const tabs = new Map<string, EngineTab>()

  async function openWindow(type: 'tab' | 'window'): Promise<string> {
    first ??= await session.send<string>('GET', '/window')
    if (!isFirstFree) {
      const { handle } = await session.send<{ handle: string }>('POST', '/window/new', { type }, first)
      return handle
    }
    isFirstFree = false
    return first
  }

  async function closeWindow(window: string): Promise<void> {
    if (window !== first) {
      // A page may have closed itself.
      const handles = await session.send<string[]>('GET', '/window/handles')
      if (handles.includes(window)) await session.send('DELETE', '/window', undefined, window)
      return
    }
    await session.send('POST', '/url', { url: 'about:blank' }, window)
    tabs.delete(window)
    isFirstFree = true
  }

  const tabOf = (window: string) => {
    const tab = tabs.get(window) ?? createTab(session, window, () => closeWindow(window))
    tabs.set(window, tab)
    return tab
  }

  return {
    open: async (type) => tabOf(await openWindow(type)),
    async tabs() {
      const handles = await session.send<string[]>('GET', '/window/handles')
      return handles.filter((window) => window !== first || !isFirstFree).map(tabOf)
    },
    close: end,
  }
}

function createTab(session: WebDriver, window: string, close: () => Promise<void>): EngineTab {
  const post = async (command: string, body: object = {}) => {
    await session.send('POST', command, body, window)
  }
  return {
    async evaluate(expression) {
      const script = `return JSON.stringify(${expression}) ?? 'null'`
      return JSON.parse(await session.send('POST', '/execute/sync', { script, args: [] }, window))
    },
    goto: (url) => post('/url', { url }),
    reload: () => post('/refresh'),
    back: () => post('/back'),
    forward: () => post('/forward'),
    click: (expression) =>
      session.run(window, async (send) => {
        const script = `return ${expression}`
        const found = await send<Record<string, string> | null>('POST', '/execute/sync', { script, args: [] })
        if (found) await send('POST', `/element/${Object.values(found)[0]}/click`, {})
        return found !== null
      }),
    cookies: () => session.send('GET', '/cookie', undefined, window),
    close,
  }
}
