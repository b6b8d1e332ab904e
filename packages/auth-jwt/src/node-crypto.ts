/**
 * The `node:crypto` of this runtime, undefined where it has none, as Cloudflare Workers without `nodejs_compat`.
 *
 * Asked for when it is needed, and not imported: an import would fail where there is none, also for keys that do not
 * need it.
 */
export function nodeCrypto(): typeof import('node:crypto') | undefined {
  const host: { getBuiltinModule?: typeof process.getBuiltinModule } | undefined = globalThis.process
  return host?.getBuiltinModule?.('node:crypto')
}
