import path from 'node:path'
import { createServer } from 'vite'
import { expect, it } from 'vitest'
import { buildWithWebpack } from './bundle-with-webpack.ts'
import { entryOf, writeEntry } from './entry.ts'
import { partsOf } from './parts.ts'

/*
 * @pds/auth-jwt has two entries. The entry for servers signs, and the entry for the condition `browser` throws instead.
 * bundles.test.ts tests which entry a build takes; these tests cover webpack's targets and Vite's development server.
 */

const contents = entryOf({ names: { '@pds/auth-jwt': ['getUserJwtToken'] } })

it.each([
  ['web', ['signing error']],
  ['webworker', ['signing error']],
  ['node', ['signing', 'jose']],
  ['async-node', ['signing', 'jose']],
] as const)('webpack takes the entry for the target %s', async (target, parts) => {
  expect(partsOf(await buildWithWebpack(writeEntry(contents), { target }))).toEqual(parts)
})

it('the development server of Vite takes the browser entry for a page and the default entry for a server', async () => {
  const entry = writeEntry(contents)
  const vite = await createServer({
    root: path.dirname(entry),
    configFile: false,
    envDir: false,
    appType: 'custom',
    logLevel: 'warn',
    // The server pre-bundles nothing and does not listen.
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
