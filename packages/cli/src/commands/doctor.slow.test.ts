import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import { expect, it, onTestFinished } from 'vitest'
import { Profiles } from '../profile/profiles.ts'
import { ended, Home } from './command-process.test-helper.ts'

/** Runs `pds doctor` against a server whose certificate is trusted. Returns the check of the connection. */
async function examine(options: object, altName = 'localhost', env: NodeJS.ProcessEnv = {}) {
  const home = new Home()
  const extensions = [{ name: 'subjectAltName', altNames: [{ type: 2, value: altName }] }]
  const name = [{ name: 'commonName', value: altName }]
  const { private: key, cert } = await generate(name, { keyType: 'ec', extensions, ...options } as never)
  const server = createServer({ key, cert }, (_, response) => response.end('{"code":"Test"}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const api_endpoint = `https://localhost:${(server.address() as AddressInfo).port}`
  const profiles = new Profiles(home.folder)
  profiles.write('me', { type: 'user', api_endpoint, client_id: 'app' })
  profiles.select('me')
  const NODE_EXTRA_CA_CERTS = home.write('ca.pem', cert)
  const child = home.start(['doctor', '--json'], { env: { ...home.env, NODE_EXTRA_CA_CERTS, ...env } })
  const { stdout } = await ended(child)
  return JSON.parse(stdout).checks.find((check: { name: string }) => check.name === 'connection')
}

const day = 86_400_000
const at = (days: number) => new Date(Date.now() + days * day)

it.each<[string, object, string | undefined, object]>([
  [
    'a valid certificate',
    {},
    undefined,
    { state: 'ok', text: expect.stringMatching(/^TLSv1.3, certificate by/) },
  ],
  [
    'an expired certificate',
    { notBeforeDate: at(-9), notAfterDate: at(-8) },
    undefined,
    { state: 'fail', text: expect.stringContaining('expired at'), advice: expect.stringContaining('date') },
  ],
  [
    'a certificate of the future',
    { notBeforeDate: at(8), notAfterDate: at(9) },
    undefined,
    { state: 'fail', text: expect.stringContaining('valid only from') },
  ],
  [
    'a certificate of another host',
    {},
    'other.test',
    { state: 'fail', text: expect.stringContaining('is not for localhost, but for DNS:other.test') },
  ],
])('explains %s', async (_, options, altName, expected) => {
  expect(await examine(options, altName)).toMatchObject(expected)
})

it('warns of an environment that checks no certificates', async () => {
  const found = await examine({}, undefined, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
  expect(found).toMatchObject({ state: 'warn' })
})
