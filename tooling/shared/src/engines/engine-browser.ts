import type { Browser, BrowserContext } from '../browser/browser.ts'
import type { Engine, EngineBrowser } from './engine.ts'
import { EngineContext } from './engine-context.ts'

/** The engines that run page tests beside Chromium. A browser with private windows counts as a separate engine. */
const engines = {
  firefox: { load: loadFirefox, isPrivate: false },
  'firefox-private': { load: loadFirefox, isPrivate: true },
  webkit: { load: loadWebKit, isPrivate: false },
  'webkit-private': { load: loadWebKit, isPrivate: true },
} satisfies Record<string, { load: () => Promise<Engine>; isPrivate: boolean }>

/** The name of an engine. */
export type EngineName = keyof typeof engines

/** The engine of page tests if it is not Chromium: the environment variable `PDS_ENGINE` names it. */
export const otherEngine: EngineName | undefined = readEngine(process.env.PDS_ENGINE)

// The search for a missing engine may throw, so this module searches for one engine only.
const engine = otherEngine && (await engines[otherEngine].load())

/** The reason to skip tests in that engine, or false. */
export const otherEngineIsMissing: string | false = engine ? engine.isMissing : false

let launching: Promise<EngineBrowser> | undefined
let contexts: BrowserContext[] = []

/** Returns the browser of that engine, which all test files of a worker share. */
export async function launchOtherEngine(): Promise<Browser> {
  if (!engine || !otherEngine) throw new Error('PDS_ENGINE names no engine')
  launching ??= engine.launch({ isPrivate: engines[otherEngine].isPrivate })
  const browser = await launching
  return {
    version: () => browser.version(),
    async newContext() {
      const context = await EngineContext.create((proxy) => browser.newProfile({ proxy }))
      contexts.push(context)
      return context
    },
    close: closeContexts,
  }
}

/** Closes all open contexts of this worker. */
export async function closeContexts(): Promise<void> {
  const open = contexts
  contexts = []
  await Promise.all(open.map((context) => context.close()))
}

function readEngine(name = 'chromium'): EngineName | undefined {
  if (name in engines) return name as EngineName
  if (name !== 'chromium') throw new Error(`PDS_ENGINE must be chromium, ${Object.keys(engines).join(', ')}`)
  return undefined
}

async function loadFirefox(): Promise<Engine> {
  return (await import('./puppeteer-engine.ts')).firefox
}

async function loadWebKit(): Promise<Engine> {
  return (await import('./webkit-engine.ts')).webkit
}
