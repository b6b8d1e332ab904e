import { fromEnv, type IEnvSettings, jwtGrant, signAssertion } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { expectTypeOf, it } from 'vitest'

it('returns parameters of the functions that need them', () => {
  const env = fromEnv(process.env)
  expectTypeOf(env).toEqualTypeOf<IEnvSettings>()
  const use = () => {
    const transport = createTransport(env.transport)
    jwtGrant({ transport, ...env.app, user_id: 'user-1' })
    jwtGrant({ transport, ...env.app, sub_type: 'service' })
    return signAssertion(transport, { ...env.app, sub_type: 'service' })
  }
  expectTypeOf(use).returns.resolves.toBeString()
})

it('rejects an object without any of the variables', () => {
  // @ts-expect-error: no property of the object is a known variable.
  expectTypeOf(fromEnv).toBeCallableWith({ DOMAIN_ID: 5 })
})
