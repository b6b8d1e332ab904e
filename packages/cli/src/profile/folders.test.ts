import { homedir } from 'node:os'
import path from 'node:path'
import envPaths from 'env-paths'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findFolders } from './folders.ts'

afterEach(() => vi.unstubAllEnvs())

describe('findFolders', () => {
  it.each([
    ['without variables', { XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined }],
    ['with empty variables', { XDG_CONFIG_HOME: '', XDG_DATA_HOME: '' }],
    ['with the variables of the XDG specification', { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d' }],
  ])('returns the folders of the platform %s', async (_how, variables) => {
    vi.stubEnv('PDS_HOME', undefined)
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    const { config, data } = envPaths('pds', { suffix: '' })
    expect(await findFolders()).toEqual({ config, data })
  })

  it('returns PDS_HOME for both', async () => {
    const folder = path.join(homedir(), 'own')
    expect(await findFolders({ PDS_HOME: folder })).toEqual({ config: folder, data: folder })
  })
})
