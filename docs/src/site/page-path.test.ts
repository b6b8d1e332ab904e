import { describe, expect, it } from 'vitest'
import { linkAddress } from './link-address.ts'
import { pageAddress, pagePath } from './page-path.ts'

describe('pagePath', () => {
  it.each([
    ['docs/index.md', '/'],
    ['docs/sessions.md', '/sessions'],
    ['docs/guides/express.md', '/guides/express'],
    ['packages/core/README.md', '/packages/core'],
    ['SECURITY.md', '/security'],
    ['docs/zh/index.md', '/zh/'],
    ['docs/zh/packages/core.md', '/zh/packages/core'],
    ['docs/api/core/functions/createTransport.md', '/api/core/functions/createTransport'],
  ])('of %s has the address %s', (document, address) => {
    expect(pageAddress(pagePath(document) ?? '')).toBe(address)
  })

  it.each([
    'README.md',
    'README.zh-CN.md',
    'docs/README.md',
    'docs/zh/README.md',
    'packages/core/CHANGELOG.md',
  ])('is undefined for %s', (document) => {
    expect(pagePath(document)).toBeUndefined()
  })
})

describe('linkAddress', () => {
  it.each([
    ['docs/guides/express.md', '../../packages/session#many-users', '/packages/session#many-users'],
    ['docs/guides/express.md', 'troubleshooting.md', '/guides/troubleshooting'],
    ['docs/guides/express.md', '../examples/express', '/source/docs/examples/express'],
    ['docs/guides/express.md', '#the-code', '#the-code'],
    ['docs/guides/express.md', 'https://example.com/a.md', 'https://example.com/a.md'],
    ['packages/core/README.md', '../../README.md#the-packages', '/'],
    ['SECURITY.md', 'tooling/run.mjs', '/source/tooling/run-mjs'],
    ['docs/zh/index.md', 'sessions.md', '/zh/sessions'],
  ])('of the link in %s to %s is %s', (document, link, address) => {
    expect(linkAddress(document, link)).toBe(address)
  })

  it('throws for a link to a missing file', () => {
    expect(() => linkAddress('docs/index.md', 'missing.md')).toThrow('docs/index.md links to missing.md')
  })
})
