import { expect, it } from 'vitest'
import { bundleForPage } from './bundle-for-page.ts'

it('bundles the imported names with their dependencies, and nothing else', async () => {
  const [error, transport] = await Promise.all([
    bundleForPage({ '@pds/core': ['isPDSError'] }),
    bundleForPage({ '@pds/core': ['createTransport'] }),
  ])
  expect(error.packages).toEqual(['@pds/core'])
  expect(transport.packages).toEqual(['@pds/core', 'ky'])
  expect(error.bytes).toBeLessThan(transport.bytes / 10)
})
