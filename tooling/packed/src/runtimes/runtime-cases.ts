import { browserIsMissing } from 'shared/browser'
import { browserRuntime } from './browser-runtime.ts'
import { processRuntime } from './process-runtime.ts'
import type { Runtime } from './runtime.ts'
import { workerdRuntime } from './workerd-runtime.ts'

export type StoreKind = 'memory' | 'sqlite' | 'redis' | 'web'

/** A runtime, and what must work in it. */
export interface RuntimeCase {
  readonly name: string
  /** What its version is that of, where that has another name. */
  readonly engine?: string
  start(folder: string): Promise<Runtime>
  /** Why it cannot be tried here. */
  readonly isMissing?: string | false
  readonly isServer: boolean
  readonly stores: readonly StoreKind[]
  /** Whether the emulator runs in it, and whether it has CommonJS. */
  readonly hasEmulator: boolean
  readonly hasRequire: boolean
  /** Whether it tells that a connection was refused. */
  readonly tellsRefused: boolean
  /** Whether its fetch sends a request once more, by itself, when a connection that was open before is cut. */
  readonly sendsAgain: boolean
}

const bundled = ['sign-in', 'connections', 'signing', 'client', 'session']

const isProcess = {
  isServer: true,
  stores: ['memory', 'sqlite', 'redis'] as const,
  hasEmulator: true,
  hasRequire: true,
  tellsRefused: true,
  sendsAgain: false,
}

/** A worker with some flags, such as `nodejs_compat`. */
export const startWorkerd = (folder: string, flags: string[] = []): Promise<Runtime> =>
  workerdRuntime(folder, bundled, flags)

export const runtimeCases: readonly RuntimeCase[] = [
  {
    ...isProcess,
    // The oldest one that has what CommonJS needs. It warns of that, too, and its SQLite is behind a flag.
    name: 'Node.js 22.12',
    start: (folder) =>
      processRuntime(folder, 'node22-12/bin/node', ['--disable-warning=ExperimentalWarning']),
    stores: ['memory', 'redis'],
  },
  {
    ...isProcess,
    name: 'Node.js 22',
    start: (folder) =>
      // It warns of its SQLite.
      processRuntime(folder, 'node22/bin/node', ['--disable-warning=ExperimentalWarning']),
  },
  { ...isProcess, name: 'Node.js 24', start: (folder) => processRuntime(folder, 'node24/bin/node') },
  { ...isProcess, name: 'Node.js 26', start: (folder) => processRuntime(folder, 'node26/bin/node') },
  { ...isProcess, name: 'Bun', start: (folder) => processRuntime(folder, '.bin/bun') },
  {
    ...isProcess,
    name: 'Deno',
    start: (folder) => processRuntime(folder, '.bin/deno', ['run', '--allow-all', '--no-remote']),
    sendsAgain: true,
  },
  {
    name: 'Cloudflare Workers',
    engine: 'workerd',
    start: startWorkerd,
    isServer: true,
    stores: ['memory'],
    hasEmulator: false,
    hasRequire: false,
    tellsRefused: false,
    sendsAgain: false,
  },
  {
    name: 'Chromium',
    start: (folder) => browserRuntime(folder, bundled),
    isMissing: browserIsMissing,
    isServer: false,
    stores: ['memory', 'web'],
    hasEmulator: false,
    hasRequire: false,
    tellsRefused: false,
    sendsAgain: true,
  },
]
