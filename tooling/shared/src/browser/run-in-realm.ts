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
 * Runs a classic script in a realm that has what a page has and nothing of Node.js: no process, no Buffer, no require.
 *
 * Gives the global object of that realm, with the variables of the script.
 */
export function runInRealm(script: string): Record<string, unknown> {
  const realm = createContext(Object.fromEntries(names.map((name) => [name, globalThis[name]])))
  runInContext(`globalThis.self = globalThis; ${script}`, realm)
  return realm as Record<string, unknown>
}
