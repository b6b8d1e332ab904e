import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { KeyResult } from './key-process.test-helper.ts'
import { ask, askAtOnce, type KeyJob, runJob, startKeyProcess } from './start-key-process.test-helper.ts'
import { createHome, type Home, keyringIsMissing, startSession } from './start-keyring.test-helper.ts'

const inKeychain = '{"format":1,"place":"keychain"}\n'

/** Checks that a process got no key, and that the error contains no secret. */
function expectFailure({ key, error, fallbacks }: KeyResult, code: string, message: RegExp): void {
  expect({ key, fallbacks }).toEqual({ key: undefined, fallbacks: [] })
  expect(error?.code).toBe(code)
  expect(error?.message).toMatch(message)
  expect(error?.shown).not.toMatch(/[A-Za-z0-9+/]{43}=|secret of another/)
}

async function change(job: 'storeEntry' | 'deleteEntry', of: KeyJob): Promise<void> {
  await runJob(await startKeyProcess(job, of))
}

describe.skipIf(keyringIsMissing)(`keychainKey with gnome-keyring ${keyringIsMissing || ''}`, () => {
  it('keeps one key in the keychain for 20 processes that start at the same time', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    const job = { file: home.file, env: session.env }
    const results = await askAtOnce(20, job)
    expect(results.map(({ error }) => error)).toEqual(Array(20).fill(undefined))
    const stored = await runJob<string>(await startKeyProcess('readEntry', job))
    expect(stored).toHaveLength(44)
    expect(results.map(({ key }) => key)).toEqual(Array(20).fill(stored))
    expect(results.flatMap(({ fallbacks }) => fallbacks)).toEqual([])
    expect(readFileSync(home.file, 'utf8')).toBe(inKeychain)
  })

  it('finds the key again after a restart, also without the key file', async () => {
    const home = createHome()
    const first = await startSession(home)
    await first.unlock()
    const { key } = await ask({ file: home.file, env: first.env })
    await first.end()
    const second = await startSession(home)
    await second.unlock()
    const job = { file: home.file, fallback: 'none' as const, env: second.env }
    expect(await ask(job)).toMatchObject({ fallbacks: [], key })
    rmSync(home.file)
    expect(await ask(job)).toMatchObject({ fallbacks: [], key })
    expect(readFileSync(home.file, 'utf8')).toBe(inKeychain)
  })

  it('rejects while the keychain is locked, and finds the key after it was unlocked', async () => {
    const home = createHome()
    const first = await startSession(home)
    await first.unlock()
    const { key } = await ask({ file: home.file, env: first.env })
    await first.lock()
    const message =
      /^keychainKey: the keychain did not read the key \(.*dismissed\): unlock the keychain, allow/
    expectFailure(await ask({ file: home.file, env: first.env }), 'KeychainFailed', message)
    await first.end()
    // D-Bus starts the keyring, without a password.
    const second = await startSession(home)
    expectFailure(await ask({ file: home.file, env: second.env }), 'KeychainFailed', message)
    await second.end()
    const third = await startSession(home)
    await third.unlock()
    expect(await ask({ file: home.file, env: third.env })).toMatchObject({ fallbacks: [], key })
  })

  it('does not keep the key in a file because the keychain is locked', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    await session.lock()
    const result = await ask({ file: home.file, env: session.env })
    expectFailure(result, 'KeychainFailed', /the keychain did not store the key \(.*dismissed\)/)
    expect(existsSync(home.file)).toBe(false)
  })

  it('rejects in a process without the session of the user', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    const { key } = await ask({ file: home.file, env: session.env })
    const result = await ask({ file: home.file, env: home.env })
    const message =
      /the key is in the keychain, but this process finds no keychain \(.*\): run it in the session of the user/
    expectFailure(result, 'KeychainFailed', message)
    expect(await ask({ file: home.file, env: session.env })).toMatchObject({ fallbacks: [], key })
  })

  it('creates one new key for several processes after the entry was deleted', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    const job = { file: home.file, env: session.env }
    const { key } = await ask(job)
    await change('deleteEntry', job)
    const results = await askAtOnce(5, job)
    const [first] = results
    expect(first?.key).toHaveLength(44)
    expect(first?.key).not.toBe(key)
    for (const result of results) expect(result).toMatchObject({ fallbacks: [], key: first?.key })
  })

  it('rejects an entry of another program, and does not change it', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    const job = { file: home.file, env: session.env }
    await change('storeEntry', job)
    const message = /the entry "session-key" of "pds-test" in the keychain is not a key of keychainKey/
    expectFailure(await ask(job), 'KeychainFailed', message)
    expect(await runJob(await startKeyProcess('readEntry', job))).toBe('a secret of another program')
  })

  it('rejects a key file that is a symbolic link to a missing file, and uses its key after the repair', async () => {
    const home = createHome()
    const session = await startSession(home)
    await session.unlock()
    const job = { file: home.file, env: session.env }
    mkdirSync(path.dirname(home.file), { recursive: true })
    symlinkSync('missing.json', home.file)
    expectFailure(await ask(job), 'StoreFailed', /is a symbolic link to a missing file/)
    const stored = await runJob<string>(await startKeyProcess('readEntry', job))
    rmSync(home.file)
    expect(await ask(job)).toMatchObject({ fallbacks: [], key: stored })
    expect(readFileSync(home.file, 'utf8')).toBe(inKeychain)
  })

  it.each([
    ['no session bus', async (home: Home) => home.env],
    [
      'a disabled session bus',
      async (home: Home) => ({ ...home.env, DBUS_SESSION_BUS_ADDRESS: 'disabled:' }),
    ],
    [
      'a session bus that is gone',
      async (home: Home) => {
        const session = await startSession(home)
        await session.end()
        return session.env
      },
    ],
    ['a session bus without a keychain', async (home: Home) => (await startSession(home, 'missing')).env],
    ['a keychain that does not start', async (home: Home) => (await startSession(home, 'broken')).env],
    ['a keychain without a collection', async (home: Home) => (await startSession(home)).env],
  ])('keeps the key in a file with %s', async (_what, start) => {
    const home = createHome()
    const env = await start(home)
    expectFailure(
      await ask({ file: home.file, env, fallback: 'none' }),
      'KeychainFailed',
      /^keychainKey: this machine has no keychain \(.+\): start one, or pass fallback: 'file'/,
    )
    expect(existsSync(home.file)).toBe(false)
    const result = await ask({ file: home.file, env })
    expect(result).toMatchObject({ fallbacks: [expect.any(String)], key: expect.any(String) })
    expect(JSON.parse(readFileSync(home.file, 'utf8'))).toMatchObject({ place: 'file', key: result.key })
    // The key stays in the file if there is a keychain later.
    const session = await startSession(home)
    await session.unlock()
    const later = await ask({ file: home.file, env: session.env })
    expect(later).toMatchObject({ fallbacks: [], key: result.key })
  })
})
