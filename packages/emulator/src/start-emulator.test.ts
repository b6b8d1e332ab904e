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

it('sends no keep-alive timeout', async () => {
  const emulator = await startEmulator()
  const response = await fetch(emulator.api_endpoint)
  expect([response.status, response.headers.get('keep-alive')]).toEqual([200, null])
  await emulator.close()
})

it('sends the time of its clock in the Date header', async () => {
  const emulator = await startEmulator({ clock: () => Date.parse('2030-01-01T00:00:00Z') })
  const response = await fetch(emulator.api_endpoint)
  expect(response.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
  await emulator.close()
})

it('rejects a hostname that is not a loopback address', async () => {
  await expect(startEmulator({ hostname: '0.0.0.0' })).rejects.toThrow(
    'hostname must be one of 127.0.0.1, ::1, localhost (received 0.0.0.0)',
  )
})

it('rejects if the port is in use', async () => {
  const emulator = await startEmulator()
  await expect(startEmulator({ port: emulator.port })).rejects.toThrow('EADDRINUSE')
  await emulator.close()
})
