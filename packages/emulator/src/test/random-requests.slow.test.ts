import { startEmulator } from '@pds/emulator'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rawRequest, sendRaw } from './random-requests.test-helper.ts'

it('responds to random requests for a minute without an internal error', { timeout: 120_000 }, async () => {
  const emulator = await startEmulator({ api: { '/v2/drive/list': () => ({ items: [] }) } })
  const end = performance.now() + 60_000
  for (let seed = 1; performance.now() < end; seed++) {
    for (const request of fc.sample(rawRequest, { seed, numRuns: 500 })) {
      const status = await sendRaw(emulator, request)
      expect(status < 500, JSON.stringify({ seed, ...request, body: [...request.body] })).toBe(true)
    }
  }
  await emulator.close()
})
