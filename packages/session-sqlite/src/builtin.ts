interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:path': typeof import('node:path')
  'node:sqlite': typeof import('node:sqlite')
}

/**
 * A module of Node.js, undefined where the runtime has not got it.
 *
 * Asked for when it is needed, and not imported: an import would fail where there is no SQLite, and some bundlers fail
 * at any `node:` module that they see.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  const host: { getBuiltinModule?: (id: Name) => Builtins[Name] | undefined } | undefined = globalThis.process
  return host?.getBuiltinModule?.(name)
}
