import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

let emulator: RunningEmulator
const fault = { type: 'throttle', retryAfter: 1 }

beforeAll(async () => {
  emulator = await startEmulator()
})

beforeEach(() => emulator.clearFaults())

afterAll(() => emulator.close())

const send = (method: string, body?: string, type = 'application/json') =>
  fetch(`${emulator.api_endpoint}/_emulator/faults`, {
    method,
    ...(body !== undefined && { body, headers: { 'content-type': type } }),
  })

it('faults are injected, listed and cleared over HTTP', async () => {
  const injected = await send('POST', JSON.stringify(fault))
  expect([injected.status, await injected.json()]).toEqual([201, [{ ...fault, times: 1 }]])
  expect(await (await send('GET')).json()).toEqual(emulator.faults)
  const hit = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST' })
  expect([hit.status, hit.headers.get('retry-after')]).toEqual([429, '1'])
  await send('POST', JSON.stringify(fault), 'application/json; charset=utf-8')
  expect((await send('DELETE')).status).toBe(204)
  expect(emulator.faults).toEqual([])
  // The log has only the request to the domain.
  expect(emulator.requests).toHaveLength(1)
})

it.each([
  ['{"type": "drop"', 'application/json', 'The request body is not JSON.'],
  ['{"type": "flood"}', 'application/json', /^fault\.type must be one of status, throttle,/],
  ['{"type": "drop"}', 'text/plain', /Content-Type has a wrong format/],
])('%s as %s is rejected', async (body, type, message) => {
  const response = await send('POST', body, type)
  expect(response.status).toBe(400)
  expect((await response.json()).message).toMatch(message)
  expect(emulator.faults).toEqual([])
})

it('other paths are not found', async () => {
  const response = await fetch(`${emulator.api_endpoint}/_emulator/unknown`)
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { message: expect.stringMatching(/^Not found. The emulator has .*\/_emulator\/clock, .*\.$/) },
  ])
})

it('pages of other origins cannot inject faults', async () => {
  const preflight = { origin: 'https://elsewhere.test', 'access-control-request-method': 'POST' }
  const response = await fetch(`${emulator.api_endpoint}/_emulator/faults`, {
    method: 'OPTIONS',
    headers: preflight,
  })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})
