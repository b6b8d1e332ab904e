import { expect, it } from 'vitest'
import { startServer } from './start-server.ts'

it('starts a server that answers, and ends it', async () => {
  const server = await startServer('token-server')
  const answer = await fetch(server.endpoint, { method: 'POST' })
  expect(await answer.json()).toMatchObject({ access_token: 'a'.repeat(512) })
  await server.close()
  await expect(fetch(server.endpoint, { method: 'POST' })).rejects.toThrow('fetch failed')
})

it('tells of a server that has ended by itself', async () => {
  const server = await startServer('start-server.test-helper')
  await expect(server.close()).rejects.toThrow('ended with 7 while it was needed')
})
