import path from 'node:path'
import { createServer } from 'vite'
import { expect, it } from 'vitest'
import { buildWithWebpack } from './bundle-with-webpack.ts'
import { entryOf, writeEntry } from './entry.ts'
import { partsOf } from './parts.ts'

/*
 * @pds/auth-jwt has an entry that signs, for servers, and one that refuses to, for the condition `browser`. Which one
 * the builds take is tested with their contents; here is what else takes one by default.
 */

const contents = entryOf({ names: { '@pds/auth-jwt': ['getUserJwtToken'] } })

it.each([
  ['web', ['refusal to sign']],
  ['webworker', ['refusal to sign']],
  ['node', ['signing', 'jose']],
  ['async-node', ['signing', 'jose']],
] as const)('webpack takes that which its target needs: %s', async (target, parts) => {
  expect(partsOf(await buildWithWebpack(writeEntry(contents), { target }))).toEqual(parts)
})

it('the development server of Vite takes the one for a page, and the other for a server', async () => {
  const entry = writeEntry(contents)
  const vite = await createServer({
    root: path.dirname(entry),
    configFile: false,
    envDir: false,
    appType: 'custom',
    logLevel: 'warn',
    // It bundles nothing before it is asked, and listens nowhere.
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false },
  })
  try {
    const { client, ssr } = vite.environments
    const resolved = async (environment: typeof client | typeof ssr) => {
      const found = await environment.pluginContainer.resolveId('@pds/auth-jwt', entry)
      return found?.id.replace(/.*\/node_modules\//, '')
    }
    expect({ client: await resolved(client), ssr: await resolved(ssr) }).toEqual({
      client: '@pds/auth-jwt/dist/index.browser.js',
      ssr: '@pds/auth-jwt/dist/index.js',
    })
  } finally {
    await vite.close()
  }
})
