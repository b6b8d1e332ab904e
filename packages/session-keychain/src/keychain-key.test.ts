import { execFileSync } from 'node:child_process'
import fs, {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { encryptedStore } from '@pds/session'
import { type KeychainKeyOptions, keychainKey } from '@pds/session-keychain'
import { sqliteStore } from '@pds/session-sqlite'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { danglingLink, failure, temporaryFile, temporaryFolder } from './temporary.test-helper.ts'

/* These tests use no keychain: the binary of @napi-rs/keyring is missing, as on a platform that it does not support. */

const secret = 'k'.repeat(43)
const content = (fields: object) => JSON.stringify({ format: 1, place: 'file', key: `${secret}=`, ...fields })

beforeEach(() => {
  vi.stubEnv('NAPI_RS_NATIVE_LIBRARY_PATH', path.join(import.meta.dirname, 'missing'))
  return () => vi.unstubAllEnvs()
})

/** Returns the key in a file, and how often `onFallback` was called. */
function open(file: string, options?: Partial<KeychainKeyOptions>) {
  const onFallback = vi.fn()
  const key = keychainKey('pds-test', { fallback: 'file', path: file, onFallback, ...options })
  return { key, onFallback }
}

/** Writes a key file, and returns its path. */
function write(text: string): string {
  const file = path.join(temporaryFolder(), 'key.json')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

describe('keychainKey without a keychain', () => {
  it('creates a key in a file, and returns the same key again', async () => {
    const file = temporaryFile()
    const key = await open(file).key
    expect(key).toBeInstanceOf(Uint8Array)
    expect(key).toHaveLength(32)
    expect(new Set(key).size).toBeGreaterThan(8)
    expect(await open(file).key).toEqual(key)
    expect(await open(temporaryFile()).key).not.toEqual(key)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      format: 1,
      place: 'file',
      key: Buffer.from(key).toString('base64'),
    })
  })

  it('returns a key for encryptedStore', async () => {
    const file = temporaryFile()
    const read = async (keyFile: string) => {
      const database = sqliteStore({ path: path.join(path.dirname(file), 'sessions.db') })
      try {
        const store = encryptedStore(database, await open(keyFile).key)
        await store.compareAndSet('me', { epoch: 0, data: 'tokens' }, 0)
        return await store.read('me')
      } finally {
        database.close()
      }
    }
    expect(await read(file)).toMatchObject({ data: 'tokens' })
    expect(await read(file)).toMatchObject({ data: 'tokens' })
    expect(await read(temporaryFile())).toMatchObject({ error: { code: 'DecryptionFailed' } })
  })

  it.skipIf(process.platform === 'win32')(
    'creates files and a folder that only this user can read',
    async () => {
      const file = temporaryFile()
      await open(file).key
      const folder = path.dirname(file)
      const modes = ['.', ...readdirSync(folder)].map((name) => [
        name,
        statSync(path.join(folder, name)).mode & 0o777,
      ])
      expect(Object.fromEntries(modes)).toEqual({ '.': 0o700, 'key.json': 0o600, 'key.json.lock': 0o600 })
      expect(readFileSync(`${file}.lock`, 'utf8')).toBe('')
    },
  )

  it('calls onFallback once, with the path and the reason', async () => {
    const file = temporaryFile()
    const first = open(file)
    await first.key
    expect(first.onFallback.mock.calls).toEqual([[{ path: file, reason: expect.any(Error) }]])
    expect(first.onFallback.mock.calls[0]?.[0].reason.message).toMatch(
      /^@napi-rs\/keyring has no binary for /,
    )
    const second = open(file)
    await second.key
    expect(second.onFallback).not.toHaveBeenCalled()
  })

  it('emits a warning without onFallback', async () => {
    const file = temporaryFile()
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue()
    try {
      const key = await open(file, { onFallback: undefined }).key
      const warning = [expect.stringContaining(file), { code: 'PDS_KEY_IN_FILE' }]
      // Node.js 22 also warns that its SQLite is experimental.
      expect(emitWarning.mock.calls.filter(([text]) => `${text}`.includes(file))).toEqual([warning])
      expect(String(emitWarning.mock.calls)).not.toContain(Buffer.from(key).toString('base64'))
    } finally {
      emitWarning.mockRestore()
    }
  })

  it("rejects with fallback: 'none', and creates no key", async () => {
    const file = temporaryFile()
    const error = await failure(open(file, { fallback: 'none' }).key)
    expect(error.code).toBe('KeychainFailed')
    expect(error.message).toMatch(
      /^keychainKey: this machine has no keychain \(.*\): start one, or pass fallback: 'file' to keep the key in a file$/,
    )
    expect(readdirSync(path.dirname(file))).toEqual(['key.json.lock'])
  })

  it("rejects a key in a file with fallback: 'none'", async () => {
    const file = write(content({}))
    const error = await failure(open(file, { fallback: 'none' }).key, [secret])
    expect(error.code).toBe('KeychainFailed')
    expect(error.message).toContain(`the key is in the file ${file}, which fallback: 'none' does not allow`)
  })

  it('never replaces a key in the keychain by a key in a file', async () => {
    const file = write('{"format":1,"place":"keychain"}')
    const { key, onFallback } = open(file)
    const error = await failure(key)
    expect(error.code).toBe('KeychainFailed')
    expect(error.message).toContain('the key is in the keychain, but this process finds no keychain (')
    expect(error.message).toContain(`or delete ${file}, after which users must sign in again`)
    expect(onFallback).not.toHaveBeenCalled()
    expect(readFileSync(file, 'utf8')).toBe('{"format":1,"place":"keychain"}')
  })

  it('creates the file in the data folder of the platform without a path', () => {
    const home = temporaryFolder()
    const script = `import { keychainKey } from '@pds/session-keychain'
      await keychainKey('com.example.drive', { fallback: 'file', onFallback: ({ path }) => console.log(path) })`
    const env = { ...process.env, HOME: home, USERPROFILE: home, LOCALAPPDATA: home, XDG_DATA_HOME: '' }
    const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', script]
    const file = execFileSync(process.execPath, args, {
      cwd: import.meta.dirname,
      env,
      encoding: 'utf8',
    }).trim()
    expect(path.relative(home, file).split(path.sep)).toEqual(
      expect.arrayContaining(['com.example.drive', 'key.json']),
    )
    expect(path.relative(home, file)).not.toMatch(/^\.\./)
    expect(statSync(file).isFile()).toBe(true)
  })
})

describe('a key file', () => {
  it.skipIf(process.platform === 'win32')('loses the permissions of group and others', async () => {
    const file = write(content({ key: Buffer.alloc(32).toString('base64') }))
    chmodSync(file, 0o664)
    expect(await open(file).key).toEqual(new Uint8Array(32))
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['is empty', ''],
    ['contains no JSON', `${content({}).slice(0, -2)}`],
    ['contains another value', '"secret"'],
    ['contains null', 'null'],
    ['has no format', content({ format: undefined })],
    ['has an unknown format', content({ format: '1' })],
    ['has an unknown place', content({ place: 'elsewhere' })],
    ['has a short key', content({ key: 'kkkk' })],
    ['has a key with other characters', content({ key: `${secret.slice(1)}-=` })],
    ['is too large', content({ padding: ' '.repeat(70_000) })],
  ])('that %s is rejected and not changed', async (_what, text) => {
    const file = write(text)
    const error = await failure(open(file).key, [secret.slice(1), 'secret'])
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toBe(
      `keychainKey: ${file} is damaged or belongs to another program: restore a backup, or delete the file, after which users must sign in again`,
    )
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it.each([
    [
      'of a newer version',
      content({ format: 2 }),
      'has format 2, but this @pds/session-keychain supports format 1: update',
    ],
    ['of safeStorage', content({ place: 'safeStorage', encrypted: 'AAAA' }), 'use another path'],
  ])('%s is rejected and not changed', async (_what, text, message) => {
    const file = write(text)
    const error = await failure(open(file).key, [secret])
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain(message)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it.skipIf(process.platform === 'win32')('of another user is rejected', async () => {
    // Only root can give a file to another user. For everyone else, this file belongs to root.
    const isRoot = process.getuid?.() === 0
    const file = isRoot ? write(content({})) : '/etc/passwd'
    if (isRoot) chownSync(file, 65534, 65534)
    const error = await failure(open(file).key, [secret])
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain('run it as the owner of the file, or use another path')
  })

  it('is rejected if the path is a folder', async () => {
    const file = temporaryFile()
    mkdirSync(file, { recursive: true })
    const error = await failure(open(file).key)
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toMatch(/: path must be the path of a file/)
  })

  it.skipIf(process.platform === 'win32')(
    'is rejected if the path is a named pipe, without a wait',
    async () => {
      const file = path.join(temporaryFolder(), 'key.json')
      execFileSync('mkfifo', [file])
      const error = await failure(open(file).key)
      expect(error.code).toBe('StoreFailed')
      expect(error.message).toContain('is not a regular file')
    },
  )

  it.skipIf(process.platform === 'win32')(
    'is rejected if it is a symbolic link to a missing file',
    async () => {
      const link = danglingLink()
      const { key, onFallback } = open(link)
      const error = await failure(key)
      expect(error.code).toBe('StoreFailed')
      expect(error.message).toBe(
        `keychainKey: ${link} is a symbolic link to a missing file: restore its target, or delete the link`,
      )
      expect(onFallback).not.toHaveBeenCalled()
      expect(readlinkSync(link)).toBe('missing.json')
      expect(readdirSync(path.dirname(link)).sort()).toEqual(['key.json', 'key.json.lock'])
    },
  )

  it.skipIf(process.platform === 'win32')('is read through a symbolic link', async () => {
    const link = danglingLink()
    const text = content({ key: Buffer.alloc(32).toString('base64') })
    writeFileSync(path.join(path.dirname(link), 'missing.json'), text)
    expect(await open(link).key).toEqual(new Uint8Array(32))
  })

  it.skipIf(process.platform === 'win32')(
    'is rejected if its folder is a symbolic link to a missing folder',
    async () => {
      const file = temporaryFile()
      symlinkSync('missing', path.dirname(file))
      const error = await failure(open(file).key)
      expect(error.code).toBe('StoreFailed')
      expect(error.message).toContain('is a symbolic link to a missing folder')
    },
  )

  describe('of another process that has no lock', () => {
    /** Lets another process create the file just before this one does. */
    function createFirst(file: string, thenDelete: () => void = () => undefined): void {
      const { linkSync } = fs
      const spy = vi.spyOn(fs, 'linkSync').mockImplementationOnce((draft, target) => {
        writeFileSync(file, content({ key: Buffer.alloc(32).toString('base64') }), { mode: 0o600 })
        try {
          linkSync(draft, target)
        } finally {
          thenDelete()
        }
      })
      onTestFinished(() => spy.mockRestore())
    }

    it('is used', async () => {
      const file = temporaryFile()
      createFirst(file)
      const { key, onFallback } = open(file)
      expect(await key).toEqual(new Uint8Array(32))
      expect(onFallback).not.toHaveBeenCalled()
    })

    it('is rejected if that process deletes it at once', async () => {
      const file = temporaryFile()
      createFirst(file, () => rmSync(file))
      const error = await failure(open(file).key)
      expect(error.code).toBe('StoreFailed')
      expect(error.message).toBe(
        `keychainKey: ${file} was created and deleted by another process at the same time: retry`,
      )
    })
  })

  it('below another file is rejected', async () => {
    const file = path.join(write(''), 'key.json')
    const error = await failure(open(file).key)
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain(file)
  })
})

it('keychainKey says which Node.js it needs', async () => {
  const { getBuiltinModule } = process
  // As before Node.js 22.3.
  Reflect.deleteProperty(process, 'getBuiltinModule')
  try {
    const error = await failure(open(temporaryFile()).key)
    expect(error.code).toBe('UnsupportedEnvironment')
    expect(error.message).toBe('keychainKey requires Node.js 22.3 or newer')
  } finally {
    process.getBuiltinModule = getBuiltinModule
  }
})

describe('the options of keychainKey', () => {
  it.each([
    ['name', [''], 'name must be a name of 1 to 100 characters, as of a file (received an empty string)'],
    ['name', ['a'.repeat(101)], 'name must be'],
    ['name', ['../key'], 'name must be'],
    ['name', ['..'], 'name must be'],
    ['name', ['a\0b'], 'name must be'],
    ['name', ['a\nb'], 'name must be'],
    ['name', [undefined], 'name must be a name of 1 to 100 characters, as of a file (received undefined)'],
    ['options', ['name'], 'options must be a plain object (received undefined)'],
    ['fallback', ['name', {}], "fallback is required: 'file' or 'none'"],
    ['fallback', ['name', { fallback: 'memory' }], "fallback must be 'file' or 'none' (received a string)"],
    [
      'path',
      ['name', { fallback: 'file', path: '' }],
      'path must be the path of a file (received an empty string)',
    ],
    ['path', ['name', { fallback: 'file', path: 'a\0b' }], 'path must be the path of a file'],
    ['onFallback', ['name', { fallback: 'file', onFallback: true }], 'onFallback must be a function'],
    [
      'an unknown name',
      ['name', { fallback: 'file', file: 'f' }],
      'file is not supported: the names are fallback, path, onFallback',
    ],
    ['safeStorage', [{ path: 'key.json' }], 'safeStorage is required: safeStorage of electron'],
    ['safeStorage', [{ path: 'key.json', safeStorage: {} }], 'safeStorage must be safeStorage of electron'],
    ['path in Electron', [{ safeStorage: { encryptString() {} } }], 'path is required: the path of a file'],
    ['null', [null], 'options must be a plain object (received null)'],
  ])('reject an invalid value of %s: %j', async (_name, args, message) => {
    const error = await failure(keychainKey(...(args as Parameters<typeof keychainKey>)))
    expect(error.code).toBe('InvalidParameter')
    expect(error.message).toContain(`keychainKey: ${message}`)
  })

  it.each(['pds-cli', 'com.example.drive', '我的云盘', 'My Drive'])('accept the name %s', async (name) => {
    const key = keychainKey(name, { fallback: 'file', path: temporaryFile(), onFallback: () => undefined })
    expect(await key).toHaveLength(32)
  })
})
