import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startEmulator } from '@pds/emulator'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { tools } from '../packages/repository.ts'

const run = promisify(execFile)

/* The command of the packed package, as npm links it, on each version of Node.js. */
describe.each(['node22', 'node24', 'node26'])('pds on %s', (node) => {
  it('signs in, writes tokens, calls the service and signs out, with only its own output', async () => {
    const emulator = await startEmulator()
    const home = mkdtempSync(path.join(tmpdir(), 'pds-command-'))
    onTestFinished(async () => {
      await emulator.close()
      rmSync(home, { recursive: true })
    })
    const { client_id, private_key_pem = '' } = emulator.app('jwt')
    const key = path.join(home, 'key.pem')
    writeFileSync(key, private_key_pem, { mode: 0o600 })
    const env = {
      ...process.env,
      PATH: `${path.join(tools, node, 'bin')}${path.delimiter}${process.env.PATH}`,
      PDS_HOME: home,
      PDS_LANG: 'en',
      DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    }
    const pds = (...args: string[]) =>
      run(path.join(inject('packed').installed, 'node_modules', '.bin', 'pds'), args, { env })

    const app = ['--domain', emulator.domain_id, '--client', client_id, '--key', key]
    const signedIn = await pds('login', '--service', ...app, '--endpoint', emulator.api_endpoint)
    expect(signedIn.stderr).toMatch(/^! This machine has no keychain.*\n✓ Signed in as superadmin.*\n$/)
    const first = await pds('token', '--user', 'user-1')
    expect(first).toEqual({ stdout: expect.stringMatching(/^\S+\.\S+\.\S+\n$/), stderr: '' })
    expect(await pds('token', '--user', 'user-1')).toEqual(first)
    const called = await pds('api', '/user/get', '{"user_id":"user-1"}', '--json')
    expect(called.stderr).toBe('')
    expect(JSON.parse(called.stdout)).toMatchObject({ user_id: 'user-1' })
    const checked = await pds('doctor', '--json')
    expect(checked.stderr).toBe('')
    expect(await pds('logout', '--json')).toMatchObject({ stdout: '{"profile":"local","revoked":true}\n' })
    await expect(pds('token', '--json')).rejects.toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^\{"error":\{"code":"LoginRequired".*\}\n$/),
    })
  })
})
