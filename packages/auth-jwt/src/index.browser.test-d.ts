import { expectTypeOf, it } from 'vitest'
import type * as browser from './index.browser.ts'
import type * as node from './index.ts'

it('has the same declarations for browsers and servers', () => {
  expectTypeOf<typeof browser>().toEqualTypeOf<typeof node>()
  expectTypeOf<browser.IJwtGrantParams>().toEqualTypeOf<node.IJwtGrantParams>()
  expectTypeOf<browser.IEnvSettings>().toEqualTypeOf<node.IEnvSettings>()
  expectTypeOf<browser.IEnvVariables>().toEqualTypeOf<node.IEnvVariables>()
  expectTypeOf<browser.ISignAssertionReq>().toEqualTypeOf<node.ISignAssertionReq>()
})
