import { expectTypeOf, it } from 'vitest'
import type * as browser from './platform.browser.ts'
import type * as server from './platform.ts'

it('has the same exports for browsers', () => {
  expectTypeOf<typeof browser>().toEqualTypeOf<typeof server>()
})
