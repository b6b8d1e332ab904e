import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './temporary.test-helper.ts'

/** Installs the package with @pds/core, but without its other dependencies. Returns the folder. */
function install(): string {
  const folder = temporaryFolder()
  const scope = path.join(folder, 'node_modules', '@pds')
  mkdirSync(scope, { recursive: true })
  const root = (name: string) => path.dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)))
  const source = root('@pds/session-keychain')
  for (const part of ['package.json', 'dist']) {
    cpSync(path.join(source, part), path.join(scope, 'session-keychain', part), { recursive: true })
  }
  symlinkSync(realpathSync(root('@pds/core')), path.join(scope, 'core'), 'junction')
  return folder
}

/** Asks for a key in a process. Returns the key or the error, and which modules the process has loaded. */
function ask(folder: string) {
  const script = `import { keychainKey } from '@pds/session-keychain'
    const key = keychainKey('pds-test', { fallback: 'file', path: 'key.json' })
    const result = await key.then(
      (bytes) => ({ key: Buffer.from(bytes).toString('base64') }),
      ({ code, message, cause }) => ({ code, message, cause }),
    )
    const hasSqlite = process.moduleLoadList.some((name) => name === 'NativeModule sqlite')
    console.log(JSON.stringify({ ...result, hasSqlite }))`
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', script]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }))
}

describe('keychainKey without @napi-rs/keyring', () => {
  it('says what to install', () => {
    expect(ask(install())).toEqual({
      code: 'UnsupportedEnvironment',
      message: 'keychainKey requires @napi-rs/keyring: npm install @napi-rs/keyring',
      hasSqlite: true,
    })
  })

  it('returns a key that is in a file, and loads neither SQLite nor other packages', () => {
    const folder = install()
    const key = Buffer.alloc(32).toString('base64')
    writeFileSync(path.join(folder, 'key.json'), JSON.stringify({ format: 1, place: 'file', key }))
    expect(ask(folder)).toEqual({ key, hasSqlite: false })
  })
})
