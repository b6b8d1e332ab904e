import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fromEnv } from '@pds/auth-jwt'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { expectInvalid } from './expect-invalid.test-helper.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-key-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

afterEach(() => {
  vi.restoreAllMocks()
})

/** Writes a file and returns its path. */
function file(name: string, text: string): string {
  const written = path.join(folder, name)
  writeFileSync(written, text)
  return written
}

describe('PDS_PRIVATE_KEY_FILE', () => {
  it('is read at each use of the key', () => {
    const env = fromEnv({ PDS_PRIVATE_KEY_FILE: file('key.pem', 'old'), PDS_PRIVATE_KEY: '' })
    expect(env.app.private_key_pem).toBe('old')
    file('key.pem', 'new')
    expect(env.app.private_key_pem).toBe('new')
  })

  it('excludes PDS_PRIVATE_KEY', () => {
    const variables = { PDS_PRIVATE_KEY: pem, PDS_PRIVATE_KEY_FILE: file('key.pem', pem) }
    expectInvalid(
      () => fromEnv(variables).app.private_key_pem,
      'PDS_PRIVATE_KEY and PDS_PRIVATE_KEY_FILE are both set: set only one of them',
    )
  })

  it('rejects a file that cannot be read with the code of the system', () => {
    const missing = path.join(folder, 'missing.pem')
    expectInvalid(
      () => fromEnv({ PDS_PRIVATE_KEY_FILE: missing }).app.private_key_pem,
      `PDS_PRIVATE_KEY_FILE names a file that cannot be read (ENOENT): ${missing}`,
    )
    const directory = path.join(folder, 'directory')
    mkdirSync(directory)
    expectInvalid(
      () => fromEnv({ PDS_PRIVATE_KEY_FILE: directory }).app.private_key_pem,
      `PDS_PRIVATE_KEY_FILE names a file that cannot be read (EISDIR): ${directory}`,
    )
    const empty = file('empty.pem', '\n')
    expectInvalid(
      () => fromEnv({ PDS_PRIVATE_KEY_FILE: empty }).app.private_key_pem,
      `PDS_PRIVATE_KEY_FILE names an empty file: ${empty}`,
    )
  })

  it.each([
    ['PEM', () => pem],
    ['escaped PEM', () => pem.replaceAll('\n', '\\n')],
    ['base64 of PEM', () => btoa(pem)],
    ['base64 without BEGIN', () => pem.replaceAll(/-----.*-----|\n/g, '')],
  ])('rejects %s in place of a path and does not show it', (_format, value) => {
    const read = () => fromEnv({ PDS_PRIVATE_KEY_FILE: value() }).app.private_key_pem
    expect(read).toThrow(
      /^fromEnv: PDS_PRIVATE_KEY_FILE [\w .]+(\([\w ]+\)(: set PDS_PRIVATE_KEY to the key)?)?$/,
    )
  })

  it('needs node:fs', () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const env = fromEnv({ PDS_PRIVATE_KEY_FILE: 'key.pem' })
    expect(() => env.app.private_key_pem).toThrow(
      expect.objectContaining({
        code: 'UnsupportedEnvironment',
        message:
          'fromEnv: PDS_PRIVATE_KEY_FILE needs node:fs, which this runtime does not have: set PDS_PRIVATE_KEY',
      }),
    )
  })
})
