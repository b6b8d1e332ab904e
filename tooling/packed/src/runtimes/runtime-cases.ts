import { engines } from 'shared/engines'
import { edgeRuntime } from './edge-runtime.ts'
import { engineRuntime } from './engine-runtime.ts'
import { processRuntime } from './process-runtime.ts'
import { reactNativeRuntime } from './react-native-runtime.ts'
import type { Runtime, RuntimeCase } from './runtime.ts'
import { workerdRuntime } from './workerd-runtime.ts'

const bundled = ['sign-in', 'connections', 'signing', 'client', 'session']

const bundledForServer = ['backend', ...bundled]

const isProcess = {
  signs: 'all' as const,
  hasBackend: true,
  stores: ['memory', 'sqlite', 'redis', 'postgres'] as const,
  hasEmulator: true,
  hasRequire: true,
  reportsRefusedConnections: true,
  retriesByItself: false,
}

const isEdge = {
  signs: 'webcrypto' as const,
  hasBackend: true,
  sharesMemory: true,
  usesHttpRedis: true,
  stores: ['memory', 'redis'] as const,
  hasEmulator: false,
  hasRequire: false,
  retriesByItself: false,
}

/** Starts workerd with compatibility flags, such as `nodejs_compat`, and a compatibility date. */
export const startWorkerd = (folder: string, flags: string[] = [], date?: string): Promise<Runtime> =>
  workerdRuntime(folder, bundledForServer, flags, date)

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
    ...isEdge,
    reportsRefusedConnections: false,
  },
  {
    name: 'Vercel Edge Functions',
    engine: 'edge-runtime',
    start: (folder) => edgeRuntime(folder, bundledForServer),
    ...isEdge,
    reportsRefusedConnections: true,
  },
  ...engines.map((engine) => ({
    name: engine.name === 'WebKit' ? 'WebKitGTK' : engine.name,
    start: (folder: string) => engineRuntime(engine, folder, bundled),
    isMissing: engine.isMissing,
    signs: 'none' as const,
    hasBackend: false,
    stores: ['memory', 'web'] as const,
    hasEmulator: false,
    hasRequire: false,
    reportsRefusedConnections: false,
    hidesCutBodies: engine.name === 'WebKit',
    retriesByItself: engine.name !== 'WebKit',
  })),
  {
    name: 'React Native',
    start: (folder) => reactNativeRuntime(folder, bundled),
    signs: 'none',
    hasBackend: false,
    stores: ['memory'],
    hasEmulator: false,
    hasRequire: false,
    reportsRefusedConnections: false,
    followsRedirects: true,
    lacksEncryption: true,
    retriesByItself: false,
  },
]
