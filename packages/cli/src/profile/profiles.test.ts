import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Profile } from './profile.ts'
import { isProfileName, Profiles } from './profiles.ts'

const profile: Profile = { type: 'user', api_endpoint: 'https://bj1.test', client_id: 'c' }

let folder: string
let profiles: Profiles

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-profiles-'))
  profiles = new Profiles(path.join(folder, 'config'))
  vi.stubEnv('PDS_PROFILE', undefined)
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
})

it.each(['bj1', 'a', '1', 'my-jobs', 'a.b_c', 'console', 'com10', 'a'.repeat(64)])('%s is a name', (name) => {
  expect(isProfileName(name)).toBe(true)
})

it.each([
  '',
  '.',
  '..',
  '-a',
  'A',
  'a/b',
  'a\\b',
  '../a',
  'a b',
  'a\n',
  'é',
  'con',
  'nul.a',
  'com1',
  'a'.repeat(65),
])('%j is no name', (name) => {
  expect(isProfileName(name)).toBe(false)
  expect(() => profiles.write(name, profile)).toThrow('A profile name has up to 64 lower-case letters')
  expect(() => profiles.read(name)).toThrow('A profile name')
})

it('returns what was written, in private files without drafts', () => {
  profiles.write('b', profile)
  profiles.write('a', profile)
  profiles.select('b')
  expect(profiles.names()).toEqual(['a', 'b'])
  expect(profiles.find()).toEqual({ name: 'b', profile })
  expect(profiles.find('a')).toEqual({ name: 'a', profile })
  const files = readdirSync(folder, { recursive: true }).map(String).sort()
  expect(files).toEqual(
    [
      'config',
      'config/current-profile',
      'config/profiles',
      'config/profiles/a.json',
      'config/profiles/b.json',
    ].map((file) => file.replaceAll('/', path.sep)),
  )
  if (process.platform !== 'win32')
    for (const file of files) expect(statSync(path.join(folder, file)).mode & 0o077, file).toBe(0)
})

it('prefers PDS_PROFILE to the selected profile', () => {
  profiles.write('a', profile)
  profiles.select('a')
  vi.stubEnv('PDS_PROFILE', 'b')
  expect(profiles.currentName()).toBe('b')
  vi.stubEnv('PDS_PROFILE', '')
  expect(profiles.currentName()).toBe('a')
})

it('selects no profile after the selected one is deleted', () => {
  profiles.write('a', profile)
  profiles.write('b', profile)
  profiles.select('a')
  profiles.delete('b')
  expect(profiles.currentName()).toBe('a')
  profiles.delete('a')
  expect(profiles.currentName()).toBeUndefined()
  expect(() => profiles.find()).toThrow('There is no profile yet.')
})
