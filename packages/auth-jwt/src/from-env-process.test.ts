import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { fromEnv, getUserJwtToken } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)

let folder: string
let emulator: RunningEmulator
let pem: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-env-'))
  emulator = await startEmulator({ domain_id: 'bj1' })
  pem = String(emulator.app('jwt').private_key_pem)
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** Writes a file and returns its path. */
function file(name: string, text: string): string {
  const written = path.join(folder, name)
  writeFileSync(written, text)
  return written
}

it('the settings of an object obtain a token', async () => {
  const { client_id: PDS_CLIENT_ID } = emulator.app('jwt')
  const { api_endpoint: PDS_API_ENDPOINT, domain_id: PDS_DOMAIN_ID } = emulator
  const env = fromEnv({ PDS_API_ENDPOINT, PDS_DOMAIN_ID, PDS_CLIENT_ID, PDS_PRIVATE_KEY: pem })
  const token = await getUserJwtToken(createTransport(env.transport), { ...env.app, user_id: 'user-1' })
  expect(token).toMatchObject({ user_id: 'user-1', domain_id: 'bj1' })
})

describe('in a process with environment variables', () => {
  const start = (code: string, variables: Record<string, string> = {}) => {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PDS_'))
    const args = ['--input-type=module', '--eval', code]
    return run(process.execPath, args, {
      cwd: import.meta.dirname,
      env: { ...Object.fromEntries(inherited), ...variables },
    })
  }
  const obtain = `
    import { fromEnv, jwtGrant } from '@pds/auth-jwt'
    import { createTransport } from '@pds/core'
    const env = fromEnv()
    const transport = createTransport(env.transport)
    const grant = jwtGrant({ transport, ...env.app, user_id: 'user-1' })
    const { user_id } = await grant.obtain({ signal: new AbortController().signal, timeout: 10_000 })
    console.log(user_id)`

  it.each([
    ['PDS_PRIVATE_KEY with a literal \\n', () => ({ PDS_PRIVATE_KEY: pem.replaceAll('\n', '\\n') })],
    ['PDS_PRIVATE_KEY with line breaks', () => ({ PDS_PRIVATE_KEY: pem })],
    ['PDS_PRIVATE_KEY_FILE', () => ({ PDS_PRIVATE_KEY_FILE: file('key.pem', pem) })],
  ])('signs with %s', async (_name, key) => {
    const { stdout, stderr } = await start(obtain, {
      PDS_API_ENDPOINT: emulator.api_endpoint,
      PDS_DOMAIN_ID: 'bj1',
      PDS_CLIENT_ID: emulator.app('jwt').client_id,
      ...key(),
    })
    expect({ stdout, stderr }).toEqual({ stdout: 'user-1\n', stderr: '' })
  })

  it('loads the module and shows the settings without any variable', async () => {
    const code = "import { fromEnv } from '@pds/auth-jwt'\nconsole.log(fromEnv())"
    const { stdout } = await start(code)
    expect(stdout).toBe('{ transport: {}, app: {}, oauthApp: {} }\n')
  })
})
