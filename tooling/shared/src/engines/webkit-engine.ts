import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { findProgram } from '../browser/find-program.ts'
import { type Engine, type EngineBrowser, type EngineTab, waitForValue, withLimit } from './engine.ts'
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
  async launch() {
    const processes: TiedProcess[] = []
    const endProcesses = async () => {
      await Promise.all(processes.map((process) => process.end()))
    }
    try {
      const screen = await startDisplay(processes)
      return createBrowser(await startWebDriver(await startDriver(processes, screen)), endProcesses)
    } catch (error) {
      await endProcesses()
      throw error
    }
  },
}

/** Starts a display with a free number, and returns its name. */
async function startDisplay(processes: TiedProcess[]): Promise<string> {
  const args = ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1024x768x24']
  const server = startTied(display.file, args, { more: ['pipe'] })
  processes.push(server)
  const [number] = await withLimit('starting Xvfb', once(server.child.stdio[3] as Readable, 'data'))
  return `:${String(number).trim()}`
}

/** Starts the server of WebDriver on a free port, and returns its origin. */
async function startDriver(processes: TiedProcess[], screen: string): Promise<string> {
  const port = await findFreePort()
  const env = { ...process.env, DISPLAY: screen, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1' }
  processes.push(startTied(driver.file, [`--port=${port}`], { env }))
  const origin = `http://127.0.0.1:${port}`
  await waitForValue(
    {
      // It does not listen yet.
      evaluate: (command) => request('GET', origin + command).catch(() => null),
    },
    '/status',
  )
  return origin
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function createBrowser(session: WebDriver, endProcesses: () => Promise<void>): EngineBrowser {
  // The window that the browser starts with. The browser ends when its last window is closed, so this one stays open.
  let first: string | undefined
  let isFirstFree = true

  async function openWindow(): Promise<string> {
    first ??= await session.send<string>('GET', '/window')
    if (!isFirstFree) {
      const { handle } = await session.send<{ handle: string }>('POST', '/window/new', { type: 'tab' }, first)
      return handle
    }
    isFirstFree = false
    return first
  }

  async function closeWindow(window: string): Promise<void> {
    if (window !== first) return session.send('DELETE', '/window', undefined, window)
    await session.send('POST', '/url', { url: 'about:blank' }, window)
    isFirstFree = true
  }

  return {
    async open(url) {
      const window = await openWindow()
      const tab = createTab(session, window, () => closeWindow(window))
      await tab.goto(url)
      return tab
    },
    async close() {
      try {
        await session.send('DELETE', '')
      } finally {
        await endProcesses()
      }
    },
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
    close,
  }
}
