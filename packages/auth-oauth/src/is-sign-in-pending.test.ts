import { isSignInPending } from '@pds/auth-oauth'
import { expect, it } from 'vitest'

it('returns false on a server', () => {
  expect(isSignInPending()).toBe(false)
})
