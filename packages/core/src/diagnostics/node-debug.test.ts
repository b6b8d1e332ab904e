import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { ok, serve } from '../test/scripted-server.test-helper.ts'

const run = promisify(execFile)
const reqId = '0BF4A6C1-7A2B-5C3D-8E4F-1A2B3C4D5E6F'

/** Runs a program with the transport of a server in another process. */
async function runWith(
  api_endpoint: string,
  program: string,
  NODE_DEBUG: string,
): Promise<{ stdout: string; stderr: string }> {
  const setup = `
    import { subscribe } from 'node:diagnostics_channel'
    import { createTransport } from '@pds/core'
    const transport = createTransport({ api_endpoint: '${api_endpoint}' })
    const request = {
      method: 'listFiles', endpoint: 'api', path: '/a', format: 'json', params: { token: 'canary' }, read: () => 'read',
    }
    const options = { headers: { authorization: 'Bearer canary' }, params: { token: 'canary' } }
`
  return run(process.execPath, ['--input-type=module', '--eval', setup + program], {
    cwd: path.join(import.meta.dirname, '../..'),
    env: { ...process.env, NODE_DEBUG },
  })
}

it('NODE_DEBUG=pds prints a line for each call', async () => {
  const { api_endpoint } = await serve(
    { status: 429, headers: { 'retry-after': '0' } },
    { ...ok, headers: { 'x-ca-request-id': reqId } },
    { status: 403, body: { code: 'Forbidden', message: 'canary' } },
  )
  const program = `
    await transport.post(request, options)
    await transport.post(request, { ...options, callId: 'order-17' }).catch(() => {})`
  const { stderr } = await runWith(api_endpoint, program, 'pds')
  const url = `${api_endpoint}/v2/a`
  const [first, second, ...others] = stderr.trim().split('\n')
  expect(first).toMatch(/^PDS \d+: /)
  expect(first?.replace(/^PDS \d+: /, '')).toMatch(
    new RegExp(
      `^listFiles ${url} {callId: [\\da-f]{8}-1, status: 200, attempts: 2, duration: \\d+ ms, reqId: ${reqId}}$`,
    ),
  )
  expect(second?.replace(/^PDS \d+: /, '')).toMatch(
    new RegExp(
      `^listFiles ${url} failed: Forbidden \\(responded\\) {callId: order-17, status: 403, attempts: 1, duration: \\d+ ms}$`,
    ),
  )
  expect(others).toEqual([])
  expect(stderr).not.toContain('canary')
})

it('prints nothing for another NODE_DEBUG', async () => {
  const { api_endpoint } = await serve(ok)
  const { stdout, stderr } = await runWith(
    api_endpoint,
    'console.log(await transport.post(request, options))',
    'pdsx',
  )
  expect([stdout.trim(), stderr]).toEqual(['read', ''])
})

it('a subscriber that throws does not disturb the call, and its error becomes an uncaught exception', async () => {
  const { api_endpoint } = await serve(ok)
  const program = `
    process.on('uncaughtException', (error) => console.log('uncaught:', error.message))
    subscribe('pds:request', ({ type }) => { throw new Error(type) })
    console.log(await transport.post(request, options))`
  const { stdout } = await runWith(api_endpoint, program, '')
  expect(stdout.trim().split('\n')).toEqual(
    expect.arrayContaining(['uncaught: start', 'uncaught: end', 'read']),
  )
})
