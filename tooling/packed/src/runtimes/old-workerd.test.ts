import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Layout, layOut } from './lay-out.ts'
import { startWorkerd } from './runtime-cases.ts'
import { startTestDomain, type TestDomain, user_id } from './test-domain.ts'

/* Workers keep the compatibility date with which they were created. */

let layout: Layout
let domain: TestDomain

beforeAll(async () => {
  layout = layOut(inject('packed').installed)
  domain = await startTestDomain()
})

afterAll(async () => {
  await domain?.close()
  layout?.remove()
})

// Before 2024-11-11, Request and fetch reject the field `cache`, even with the value `no-store`.
it('refreshes a token in a worker with the compatibility date 2024-11-10', async () => {
  const runtime = await startWorkerd(layout.folder, [], '2024-11-10')
  const { app, emulator, watch } = domain
  const requested = watch()
  await runtime.run('sign-in', { api_endpoint: emulator.api_endpoint, app, user_id })
  await runtime.close()
  expect(requested()).toContain('/v2/oauth/token refresh_token 200')
})
