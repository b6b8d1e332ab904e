import { request as httpRequest } from 'node:http'
import { createEmulator, startEmulator } from '@pds/emulator'
import { expect, it } from 'vitest'

const limit = 1_000_000
const tooLarge = { code: 'InvalidParameterOutOfRange', message: 'The request body is larger than 1 MB.' }
const init = { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/html' } }

it('rejects a body over the size limit before it has read all of it', async () => {
  const emulator = await createEmulator()
  let sent = 0
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent > 10 * limit) return controller.close()
      sent += 100_000
      controller.enqueue(new Uint8Array(100_000).fill(97))
    },
    cancel() {
      isCancelled = true
    },
  })
  const request = new Request('http://domain.test/v2/user/get', {
    ...init,
    body,
    duplex: 'half',
  } as RequestInit)
  const response = await emulator.fetch(request)
  expect([response.status, await response.json()]).toEqual([413, { ...tooLarge, requestId: null }])
  expect(sent).toBeLessThan(2 * limit)
  expect(isCancelled).toBe(true)
  expect(emulator.requests).toMatchObject([{ path: '/v2/user/get', status: 413, error: tooLarge.code }])
})

it('reads a body of the size limit and rejects one more byte', async () => {
  const emulator = await startEmulator()
  const post = async (path: string, size: number) => {
    const body = ' '.repeat(size - 2).concat('{}')
    return (await fetch(`${emulator.api_endpoint}${path}`, { ...init, body })).status
  }
  expect([await post('/v2/user/get', limit), await post('/v2/user/get', limit + 1)]).toEqual([401, 413])
  expect([await post('/_emulator/faults', limit), await post('/_emulator/faults', limit + 1)]).toEqual([
    400, 413,
  ])
  expect(await post('/v2/oauth/authorize', limit + 1)).toBe(413)
  await emulator.close()
})

it.each(['/v2/user/get', '/_emulator/faults'])(
  'rejects a body over the size limit without a Content-Length, at %s',
  async (path) => {
    const emulator = await startEmulator()
    const status = await new Promise((resolve, reject) => {
      const headers = { ...init.headers, 'transfer-encoding': 'chunked' }
      const request = httpRequest(
        `${emulator.api_endpoint}${path}`,
        { method: 'POST', headers },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
      request.on('error', reject)
      request.end(' '.repeat(limit + 1))
    })
    expect(status).toBe(413)
    await emulator.close()
  },
)

it('reads a fault without a Content-Length', async () => {
  const emulator = await startEmulator()
  const body = new Blob(['{"type":"drop"}']).stream()
  const address = `${emulator.api_endpoint}/_emulator/faults`
  const response = await fetch(address, { ...init, body, duplex: 'half' } as RequestInit)
  expect([response.status, emulator.faults]).toEqual([201, [{ type: 'drop', times: 1 }]])
  await emulator.close()
})
