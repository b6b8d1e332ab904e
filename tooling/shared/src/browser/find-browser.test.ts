import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FoundBrowser, findBrowser } from './find-browser.ts'
import { findProgram } from './find-program.ts'

const search = {
  variable: 'PDS_TEST_BROWSER',
  names: ['shell', 'other-shell'],
  missing: 'shell is missing: install it',
}

describe('findBrowser', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pds-browser-'))
    vi.stubEnv('PATH', ['/nowhere', folder].join(path.delimiter))
    vi.stubEnv('PDS_NO_SKIPPED_TESTS', '')
  })

  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  function install(name: string, mode = 0o755): FoundBrowser {
    const executablePath = path.join(folder, name)
    writeFileSync(executablePath, '', { mode })
    return { executable: { executablePath }, isMissing: false }
  }

  it('finds the first executable file of its names on the path', () => {
    const other = install('other-shell')
    install('shell', 0o644)
    expect(findBrowser(search)).toEqual(other)
    expect(findBrowser({ ...search, names: ['other-shell', 'shell'] })).toEqual(other)
  })

  it('prefers the file that the environment variable names', () => {
    install('shell')
    vi.stubEnv('PDS_TEST_BROWSER', '/somewhere/else')
    expect(findBrowser(search).executable).toEqual({ executablePath: '/somewhere/else' })
  })

  it('returns the `instead` browser if this browser is missing', () => {
    const full: FoundBrowser = { executable: { executablePath: '/full' }, isMissing: false }
    expect(findBrowser({ ...search, instead: full })).toBe(full)
    expect(findBrowser({ ...search, instead: { ...full, isMissing: 'no' } }).isMissing).toBe(search.missing)
    const shell = install('shell')
    expect(findBrowser({ ...search, instead: full })).toEqual(shell)
  })

  it('returns the reason to skip tests, or throws it if no test may be skipped', () => {
    expect(findBrowser(search).isMissing).toBe(search.missing)
    vi.stubEnv('PDS_NO_SKIPPED_TESTS', '1')
    expect(() => findBrowser(search)).toThrow(search.missing)
  })
  it('finds a program without a browser in its place', () => {
    expect(findProgram(search)).toEqual({ file: 'shell', isMissing: search.missing })
    install('other-shell')
    const file = path.join(folder, 'other-shell')
    expect(findProgram(search)).toEqual({ file, isMissing: false })
  })
})
