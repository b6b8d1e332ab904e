import { expectTypeOf, it } from 'vitest'
import type * as browser from './index.browser.ts'
import type * as node from './index.ts'

it('is the same for browsers: one set of declarations serves both', () => {
  expectTypeOf<typeof browser>().toEqualTypeOf<typeof node>()
  expectTypeOf<browser.IJwtGrantParams>().toEqualTypeOf<node.IJwtGrantParams>()
  expectTypeOf<browser.ISignAssertionReq>().toEqualTypeOf<node.ISignAssertionReq>()
})
