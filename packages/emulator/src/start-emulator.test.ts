import { startEmulator } from '@pds/emulator'
import { expect, it } from 'vitest'

it('listens on a free port of this machine until it is closed', async () => {
  const emulator = await startEmulator()
  expect(emulator.api_endpoint).toBe(`http://127.0.0.1:${emulator.port}`)
  const response = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST' })
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    code: 'AccessTokenInvalid',
    message: 'The access token is not valid.',
    requestId: null,
  })
  expect(emulator.requests).toHaveLength(1)
  await emulator.close()
  await expect(fetch(emulator.api_endpoint)).rejects.toThrow('fetch failed')
})

it('announces no time after which it closes an idle connection', async () => {
  const emulator = await startEmulator()
  const response = await fetch(emulator.api_endpoint)
  expect([response.status, response.headers.get('keep-alive')]).toEqual([200, null])
  await emulator.close()
})

it('sends its own time, and no other', async () => {
  const emulator = await startEmulator({ clock: () => Date.parse('2030-01-01T00:00:00Z') })
  const response = await fetch(emulator.api_endpoint)
  expect(response.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
  await emulator.close()
})

it('listens on this machine only', async () => {
  await expect(startEmulator({ hostname: '0.0.0.0' })).rejects.toThrow(
    'the emulator listens on this machine only (127.0.0.1, ::1, localhost), not on 0.0.0.0',
  )
})

it('says so where the port is taken', async () => {
  const emulator = await startEmulator()
  await expect(startEmulator({ port: emulator.port })).rejects.toThrow('EADDRINUSE')
  await emulator.close()
})
