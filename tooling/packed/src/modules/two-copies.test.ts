import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { startEmulator } from '@pds/emulator'
import { inc } from 'semver'
import { beforeAll, expect, inject, it, onTestFinished } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { runNode } from '../packages/run-node.ts'

/*
 * A project may have two copies of @pds/core: its own dependency, and another version inside a package. Here the
 * project creates the transport with its own copy, and each flow package uses a copy that is nested in its folder.
 */

const consumer = createConsumer()
const modules = path.join(consumer, 'node_modules')
let versions: string[]

/** Sets the version in the manifest of a copy of a package. */
function setVersion(folder: string, version: string): void {
  const file = path.join(folder, 'package.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version }))
}

beforeAll(() => {
  const installed = path.join(inject('packed').installed, 'node_modules')
  // Copied, not linked: a linked package would resolve its imports from the folder of its real files.
  rmSync(path.join(modules, '@pds'))
  const copy = (name: string, ...place: string[]) =>
    cpSync(path.join(installed, name), path.join(modules, ...place, name), { recursive: true })
  for (const name of ['@pds/types', '@pds/core', '@pds/auth-oauth', '@pds/auth-jwt']) copy(name)
  for (const name of ['ky', 'jose']) symlinkSync(path.join(installed, name), path.join(modules, name), 'dir')

  const { version } = JSON.parse(readFileSync(path.join(modules, '@pds/core/package.json'), 'utf8'))
  versions = [version]
  for (const user of ['@pds/auth-oauth', '@pds/auth-jwt']) {
    copy('@pds/core', user, 'node_modules')
    const other = inc(versions.at(-1) ?? '', 'minor') ?? ''
    setVersion(path.join(modules, user, 'node_modules/@pds/core'), other)
    versions.push(other)
  }
})

/** Starts a service whose responses contain an invalid token. */
async function startBrokenService(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response
        .setHeader('content-type', 'application/json')
        .end('{"access_token":7,"note":"secret of the response"}')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('a transport of one copy of @pds/core works with packages that carry another', async () => {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const { client_id, redirect_uris } = emulator.app('native')
  const app = { client_id, redirect_uri: redirect_uris[0] ?? '' }
  const { client_id: jwt_client_id, private_key_pem } = emulator.app('jwt')
  const environment = {
    api_endpoint: emulator.api_endpoint,
    broken_endpoint: await startBrokenService(),
    app,
    code: emulator.createCode(app),
    key: { domain_id: emulator.domain_id, client_id: jwt_client_id, private_key_pem, user_id: 'user-1' },
  }
  const program = path.join(consumer, 'two-copies.mjs')
  cpSync(path.join(import.meta.dirname, 'two-copies.mjs'), program)
  const { stdout, stderr } = await runNode([program, JSON.stringify(environment)])
  expect(stderr).toBe('')

  const seen = { isPDSError: [true, true, true], leaks: [] }
  const invalid = { ...seen, code: 'InvalidResponse', outcome: 'unknown', status: 200 }
  expect(JSON.parse(stdout)).toEqual({
    versions,
    classes: 3,
    users: ['user-1', 'user-1'],
    serviceErrors: [
      { ...seen, code: 'InvalidParameter.RefreshToken', outcome: 'responded', status: 400 },
      { ...seen, code: expect.any(String), outcome: 'responded', status: expect.any(Number) },
    ],
    invalidResponses: [invalid, invalid],
  })
})
