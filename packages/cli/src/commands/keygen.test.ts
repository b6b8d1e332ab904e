import { createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Home, runHere, silentContext, startDomain, temporaryFolder } from './command-process.test-helper.ts'
import { run } from './keygen.ts'

describe('pds keygen', () => {
  it('creates a key that pds login accepts', async () => {
    const home = new Home()
    const file = home.file('new.pem')
    const { stdout, stderr } = await runHere(run, { out: file }, true)
    const { private_key_file, public_key } = JSON.parse(stdout)
    expect(private_key_file).toBe(file)
    expect(stderr).toContain(file)
    const emulator = await startDomain({
      apps: [{ type: 'jwt', client_id: 'app', public_key_pem: public_key }],
    })
    const { api_endpoint, domain_id } = emulator
    const options = ['--endpoint', api_endpoint, '--domain', domain_id, '--client', 'app', '--key', file]
    expect(await home.pds('login', '--service', ...options)).toMatchObject({ code: 0 })
  })

  it('writes the private key with mode 0600, and only the public key to stdout', async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'key.pem')
    const { stdout, stderr } = await runHere(run, { out: file, bits: '3072' }, false, 'zh')
    const key = createPrivateKey(readFileSync(file))
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072 })
    expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    expect(stdout).toBe(createPublicKey(key).export({ type: 'spki', format: 'pem' }))
    expect(stderr).toContain('PDS 控制台')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['key.pem'])
  })

  it.each([
    ['a file', (home: Home) => void home.write('key.pem', 'old')],
    ['a broken link', (home: Home) => symlinkSync('target', home.file('key.pem'))],
  ])('never replaces %s', async (_, prepare) => {
    const home = new Home()
    prepare(home)
    await expect(runHere(run, { out: home.file('key.pem') })).rejects.toMatchObject({
      code: 'FileExists',
      exitCode: 1,
    })
    expect(readdirSync(home.folder)).toEqual(['key.pem'])
    expect(existsSync(home.file('target'))).toBe(false)
  })

  it('leaves nothing after Ctrl-C', async () => {
    const home = new Home()
    const abort = new AbortController()
    const { context } = silentContext()
    const done = run({ out: home.file('key.pem') }, { ...context, signal: abort.signal })
    abort.abort()
    await expect(done).rejects.toMatchObject({ exitCode: 130 })
    expect(readdirSync(home.folder)).toEqual([])
  })

  it('reports a missing option and a missing folder', async () => {
    await expect(runHere(run, {})).rejects.toMatchObject({ exitCode: 2 })
    const out = path.join(temporaryFolder(), 'no/key.pem')
    await expect(runHere(run, { out })).rejects.toThrow('(ENOENT)')
  })
})
