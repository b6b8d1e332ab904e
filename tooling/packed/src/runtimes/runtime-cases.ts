import { browserIsMissing } from 'shared/browser'
import { browserRuntime } from './browser-runtime.ts'
import { processRuntime } from './process-runtime.ts'
import type { Runtime, RuntimeCase } from './runtime.ts'
import { workerdRuntime } from './workerd-runtime.ts'

const bundled = ['sign-in', 'connections', 'signing', 'client', 'session']

const isProcess = {
  isServer: true,
  stores: ['memory', 'sqlite', 'redis', 'postgres'] as const,
  hasEmulator: true,
  hasRequire: true,
  reportsRefusedConnections: true,
  retriesByItself: false,
}

/** Starts workerd with compatibility flags, such as `nodejs_compat`, and a compatibility date. */
export const startWorkerd = (folder: string, flags: string[] = [], date?: string): Promise<Runtime> =>
  workerdRuntime(folder, ['backend', ...bundled], flags, date)

export const runtimeCases: readonly RuntimeCase[] = [
  {
    ...isProcess,
    // The oldest version that can require() ES modules. It warns about that, and its SQLite needs a flag.
    name: 'Node.js 22.12',
    start: (folder) =>
      processRuntime(folder, 'node22-12/bin/node', ['--disable-warning=ExperimentalWarning']),
    stores: ['memory', 'redis', 'postgres'],
  },
  {
    ...isProcess,
    name: 'Node.js 22',
    start: (folder) =>
      // It warns that its SQLite is experimental.
      processRuntime(folder, 'node22/bin/node', ['--disable-warning=ExperimentalWarning']),
  },
  { ...isProcess, name: 'Node.js 24', start: (folder) => processRuntime(folder, 'node24/bin/node') },
  { ...isProcess, name: 'Node.js 26', start: (folder) => processRuntime(folder, 'node26/bin/node') },
  { ...isProcess, name: 'Bun', start: (folder) => processRuntime(folder, '.bin/bun') },
  {
    ...isProcess,
    name: 'Deno',
    start: (folder) => processRuntime(folder, '.bin/deno', ['run', '--allow-all', '--no-remote']),
    reportsRefusedConnections: false,
    retriesByItself: true,
  },
  {
    name: 'Cloudflare Workers',
    engine: 'workerd',
    start: (folder) => startWorkerd(folder),
    isServer: true,
    stores: ['memory'],
    hasEmulator: false,
    hasRequire: false,
    reportsRefusedConnections: false,
    retriesByItself: false,
  },
  {
    name: 'Chromium',
    start: (folder) => browserRuntime(folder, bundled),
    isMissing: browserIsMissing,
    isServer: false,
    stores: ['memory', 'web'],
    hasEmulator: false,
    hasRequire: false,
    reportsRefusedConnections: false,
    retriesByItself: true,
  },
]
