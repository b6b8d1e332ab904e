import { expect, it } from 'vitest'
import { sampleToken, startTokenServer } from './token-server.ts'

it('responds to each POST with the token until it is closed', async () => {
  const { endpoint, close } = await startTokenServer()
  const response = await fetch(endpoint, { method: 'POST' })
  expect(await response.json()).toEqual(sampleToken('user-1'))
  await close()
  await expect(fetch(endpoint, { method: 'POST' })).rejects.toThrow('fetch failed')
})
