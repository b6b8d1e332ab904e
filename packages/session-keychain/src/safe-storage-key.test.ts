import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { keychainKey, type SafeStorage } from '@pds/session-keychain'
import { describe, expect, it, vi } from 'vitest'
import { danglingLink, failure, temporaryFile } from './temporary.test-helper.ts'

/** `safeStorage` with its asynchronous functions, as in Electron 46, or its synchronous ones, as before Electron 43. */
class FakeStorage {
  prefix = 'v11'
  isAvailable = true
  shouldReEncrypt = false
  backend: string | undefined
  #key = randomBytes(32)

  encrypt(text: string): Buffer {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const data = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([Buffer.from(this.prefix), iv, cipher.getAuthTag(), data])
  }

  decrypt(encrypted: Buffer): string {
    const [iv, tag, data] = [encrypted.subarray(3, 15), encrypted.subarray(15, 31), encrypted.subarray(31)]
    const decipher = createDecipheriv('aes-256-gcm', this.#key, iv).setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()]).toString()
  }

  /** Only Linux has back ends. */
  get #linux() {
    return this.backend === undefined ? {} : { getSelectedStorageBackend: () => this.backend as string }
  }

  get asynchronous(): SafeStorage {
    return {
      isAsyncEncryptionAvailable: async () => this.isAvailable,
      encryptStringAsync: async (text) => this.encrypt(text),
      decryptStringAsync: async (encrypted) => ({
        result: this.decrypt(encrypted as Buffer),
        shouldReEncrypt: this.shouldReEncrypt,
      }),
      ...this.#linux,
    }
  }

  get synchronous(): SafeStorage {
    return {
      isEncryptionAvailable: () => this.isAvailable,
      encryptString: (text) => this.encrypt(text),
      decryptString: (encrypted) => this.decrypt(encrypted as Buffer),
      ...this.#linux,
    }
  }
}

describe.each(['asynchronous', 'synchronous'] as const)('keychainKey with the %s safeStorage', (kind) => {
  const open = (storage: FakeStorage, file: string) => keychainKey({ safeStorage: storage[kind], path: file })

  it('creates an encrypted key in a file, and returns the same key again', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    const key = await open(storage, file)
    expect(key).toHaveLength(32)
    expect(await open(storage, file)).toEqual(key)
    const stored = JSON.parse(readFileSync(file, 'utf8'))
    expect(stored).toEqual({ format: 1, place: 'safeStorage', encrypted: expect.any(String) })
    expect(Buffer.from(stored.encrypted, 'base64').includes(Buffer.from(key))).toBe(false)
    expect(storage.decrypt(Buffer.from(stored.encrypted, 'base64'))).toBe(Buffer.from(key).toString('base64'))
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('returns one key to calls at the same time', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    const keys = await Promise.all(Array.from({ length: 20 }, () => open(storage, file)))
    expect(new Set(keys.map((key) => Buffer.from(key).toString('base64'))).size).toBe(1)
  })

  it.each([
    ['basic_text', 'KeychainFailed', 'safeStorage has no keychain, and would only obscure the key'],
    ['unknown', 'UnsupportedEnvironment', 'call keychainKey after app.whenReady()'],
  ])('rejects the back end %s', async (backend, code, message) => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    storage.backend = backend
    const error = await failure(open(storage, file))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('accepts other back ends', async () => {
    const storage = new FakeStorage()
    storage.backend = 'gnome_libsecret'
    expect(await open(storage, temporaryFile())).toHaveLength(32)
  })

  it('rejects the constant key of Chromium on Linux', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    storage.prefix = 'v10'
    storage.backend = 'gnome_libsecret'
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux')
    try {
      const error = await failure(open(storage, file))
      expect(error.code).toBe('KeychainFailed')
      expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
      const encrypted = storage.encrypt(Buffer.alloc(32).toString('base64')).toString('base64')
      const written = temporaryFile()
      await open(new FakeStorage(), written)
      writeFileSync(written, JSON.stringify({ format: 1, place: 'safeStorage', encrypted }))
      expect((await failure(open(storage, written))).code).toBe('KeychainFailed')
      vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
      expect(await open(storage, file)).toHaveLength(32)
    } finally {
      vi.restoreAllMocks()
    }
  })

  it('rejects if safeStorage cannot encrypt now', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    await open(storage, file)
    storage.isAvailable = false
    for (const each of [file, temporaryFile()]) {
      const error = await failure(open(storage, each))
      expect(error.code).toBe('KeychainFailed')
      expect(error.message).toContain('safeStorage cannot encrypt now')
    }
  })

  it('does not print the key if safeStorage fails', async () => {
    const storage = new FakeStorage()
    let text = ''
    storage.encrypt = (given) => {
      text = given
      throw new Error(`cannot encrypt ${given}`)
    }
    const error = await failure(open(storage, temporaryFile()))
    expect(error.code).toBe('KeychainFailed')
    expect(text).toHaveLength(44)
    expect(await failure(Promise.reject(error), [text])).toBe(error)
  })

  it('rejects a file that safeStorage cannot decrypt, and does not change it', async () => {
    const file = temporaryFile()
    await open(new FakeStorage(), file)
    const before = readFileSync(file, 'utf8')
    const error = await failure(open(new FakeStorage(), file))
    expect(error.code).toBe('DecryptionFailed')
    expect(error.message).toContain(
      `safeStorage cannot decrypt the key in ${file}: unlock the keychain of the system and retry, or delete the file, after which users must sign in again`,
    )
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('rejects a decrypted text that is no key', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    await open(storage, file)
    const encrypted = storage.encrypt('another secret').toString('base64')
    writeFileSync(file, JSON.stringify({ format: 1, place: 'safeStorage', encrypted }))
    expect((await failure(open(storage, file), ['another secret'])).code).toBe('DecryptionFailed')
  })

  it.skipIf(process.platform === 'win32')('rejects a symbolic link to a missing file', async () => {
    const link = danglingLink()
    const error = await failure(open(new FakeStorage(), link))
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toBe(
      `keychainKey: ${link} is a symbolic link to a missing file: restore its target, or delete the link`,
    )
    expect(readlinkSync(link)).toBe('missing.json')
  })

  it('rejects the file of the keychain of the system', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    await open(storage, file)
    writeFileSync(file, '{"format":1,"place":"keychain"}')
    const error = await failure(open(storage, file))
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain('use another path')
  })
})

describe('keychainKey with a rotated key of safeStorage', () => {
  it('encrypts its key again, and keeps it', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    const open = () => keychainKey({ safeStorage: storage.asynchronous, path: file })
    const key = await open()
    const before = readFileSync(file, 'utf8')
    storage.shouldReEncrypt = true
    expect(await open()).toEqual(key)
    expect(readFileSync(file, 'utf8')).not.toBe(before)
    storage.shouldReEncrypt = false
    expect(await open()).toEqual(key)
  })

  it('keeps the file if the key cannot be encrypted again', async () => {
    const [storage, file] = [new FakeStorage(), temporaryFile()]
    const open = () => keychainKey({ safeStorage: storage.asynchronous, path: file })
    const key = await open()
    const before = readFileSync(file, 'utf8')
    storage.shouldReEncrypt = true
    storage.encrypt = () => {
      throw new Error('the keychain is locked')
    }
    expect(await open()).toEqual(key)
    expect(readFileSync(file, 'utf8')).toBe(before)
  })
})

it('prefers the asynchronous functions of safeStorage', async () => {
  const storage = new FakeStorage()
  const synchronous = { isEncryptionAvailable: () => expect.fail(), encryptString: () => expect.fail() }
  const safeStorage = { ...storage.asynchronous, ...synchronous }
  expect(await keychainKey({ safeStorage, path: temporaryFile() })).toHaveLength(32)
})
