import { createContext, runInContext } from 'node:vm'

const names = [
  'fetch',
  'Headers',
  'Request',
  'Response',
  'URL',
  'URLSearchParams',
  'AbortController',
  'AbortSignal',
  'TextEncoder',
  'atob',
  'btoa',
  'TextDecoder',
  'ReadableStream',
  'FormData',
  'crypto',
  'performance',
  'queueMicrotask',
  'setTimeout',
  'clearTimeout',
] as const

/**
 * Runs a classic script in a realm with globals of a page and without those of Node.js: no process, no Buffer, no
 * require.
 *
 * Returns the global object of that realm, with the variables of the script.
 */
export function runInRealm(script: string): Record<string, unknown> {
  const realm = createContext(Object.fromEntries(names.map((name) => [name, globalThis[name]])))
  runInContext(`globalThis.self = globalThis; ${script}`, realm)
  return realm as Record<string, unknown>
}
