import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it } from 'vitest'
import { approves, Home, hour, keyFile, startDomain } from './pds-process.test-helper.ts'

/* Files that are damaged, missing or of another version: what the user reads, and what a login repairs. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
  await home.signIn()
  home.useBrowser(approves)
})

const write = (name: string, text: string) => writeFileSync(home.file(name), text)

function deleteStore(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(home.file(`sessions.db${suffix}`), { force: true })
}

describe('a damaged profile', () => {
  it.each([
    ['no JSON', '{"format": 1, "type'],
    ['another type', '{"format":1,"type":"other","api_endpoint":"https://a.test","client_id":"c"}'],
    ['no URL', '{"format":1,"type":"user","api_endpoint":"bj1","client_id":"c"}'],
    ['null', 'null'],
    ['empty', ''],
  ])('is named, and a login replaces it: %s', async (_what, text) => {
    write('profiles/bj1.json', text)
    const { code, stdout, stderr } = await home.run('token')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `pds: ${home.file('profiles/bj1.json')} is damaged. Run: pds login --profile bj1 --domain <id> --client <id>\n`,
    )
    expect(await home.run([...home.browserLogin, '--profile', 'bj1'])).toMatchObject({ code: 0 })
    expect(await home.run('whoami')).toMatchObject({ code: 0 })
  })

  it('does not hide the others', async () => {
    write('profiles/broken.json', '')
    write('profiles/Not A Name.json', '')
    const { code, stdout, stderr } = await home.run('profiles')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\* bj1 .*\n$/)
    expect(stderr).toMatch(/^! .*broken\.json is damaged/)
    expect(await home.run(home.browserLogin)).toMatchObject({ code: 0 })
  })

  it('is named if there is no other', async () => {
    write('profiles/bj1.json', '')
    const { code, stdout, stderr } = await home.run('profiles')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^! .*bj1\.json is damaged.*\n$/)
  })

  it('of a newer version is not replaced', async () => {
    const text = '{"format":2,"type":"user"}'
    write('profiles/bj1.json', text)
    for (const args of [['token'], [...home.browserLogin, '--profile', 'bj1']]) {
      const { code, stderr } = await home.run(args)
      expect(code).toBe(1)
      expect(stderr).toContain('was written by a newer version of pds. Update @pds/cli.')
    }
    expect(home.read('profiles/bj1.json')).toBe(text)
  })
})

describe('a damaged store', () => {
  it('that is not a database is named', async () => {
    deleteStore()
    write('sessions.db', 'garbage '.repeat(1000))
    for (const command of ['token', 'status', 'login']) {
      const { code, stdout, stderr } = await home.run(command)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(
        'pds: The stored sign-in cannot be read or written. Run: pds doctor\n  StoreFailed',
      )
      expect(stderr).toContain(home.file('sessions.db'))
    }
    // No browser opened.
    expect(home.count('authorization_code')).toBe(1)
    deleteStore()
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })

  it('that is a folder is named', async () => {
    deleteStore()
    mkdirSync(home.file('sessions.db'))
    const { code, stderr } = await home.run('token --json')
    expect(code).toBe(1)
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'StoreFailed' })
  })

  it('that was deleted requires a login', async () => {
    deleteStore()
    expect(await home.run('token')).toMatchObject({ code: 3 })
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })
})

describe('a damaged record', () => {
  it.each([
    ['garbage', "CAST('garbage' AS BLOB)"],
    ['empty', "x''"],
    ['shortened', 'substr(data, 1, 100)'],
  ])('is named, and a login replaces it: %s', async (_what, data) => {
    const database = new DatabaseSync(home.file('sessions.db'))
    expect(database.prepare(`UPDATE records SET data = ${data}`).run().changes).toBe(1)
    database.close()
    const { code, stdout, stderr } = await home.run('token')
    expect([1, 3]).toContain(code)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^pds: The stored sign-in cannot be .*\n {2}(StoreFailed|DecryptionFailed): /)
    expect(await home.run('status')).toMatchObject({ code })
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.run('whoami')).toMatchObject({ code: 0 })
  })
})

describe('a damaged key', () => {
  it('is named, and a login after its deletion repairs all', async () => {
    write('key.json', '{"format":1,')
    for (const command of ['token', 'status', 'login']) {
      const { code, stdout, stderr } = await home.run(command)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`${home.file('key.json')} is damaged`)
      expect(stderr).toContain('delete the file')
    }
    write('key.json', keyFile())
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })

  it('that was replaced requires a login, which repairs it', async () => {
    write('key.json', keyFile())
    const { code, stderr } = await home.run('token')
    expect(code).toBe(3)
    expect(stderr).toContain(
      'pds: The stored sign-in cannot be decrypted. Run: pds login\n  DecryptionFailed',
    )
    expect(await home.run('status')).toMatchObject({ code: 3 })
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.run('whoami')).toMatchObject({ code: 0 })
  })

  it('costs a JWT application nothing', async () => {
    await home.run([...home.serviceLogin, '--profile', 'jobs'])
    write('key.json', keyFile())
    const { code, stdout } = await home.run('token -p jobs')
    expect(code).toBe(0)
    expect(await home.run('token -p jobs')).toMatchObject({ code: 0, stdout })
  })
})

describe('other files', () => {
  it('a missing private key is named when a token is needed', async () => {
    await home.run([...home.serviceLogin, '--profile', 'jobs'])
    const { stdout } = await home.run('token')
    rmSync(home.keyPem)
    expect(await home.run('token')).toMatchObject({ code: 0, stdout })
    home.pass(9 * 24 * 3_600_000)
    const { code, stderr } = await home.run('token')
    expect(code).toBe(1)
    expect(stderr).toBe(
      `pds: The private key ${home.keyPem} cannot be read (ENOENT). Restore it, or run pds login with another --key.\n`,
    )
    const chinese = await home.run('token', { env: { PDS_LANG: 'zh' } })
    expect(chinese.stderr).toBe(
      `pds: 无法读取私钥 ${home.keyPem}（ENOENT）。请恢复该文件，或用另一个 --key 运行 pds login。\n`,
    )
    expect(JSON.parse((await home.run('token --json')).stderr).error).toEqual({
      code: 'KeyFile',
      message: expect.stringContaining(`The private key ${home.keyPem} cannot be read (ENOENT). Restore it`),
      outcome: 'not-sent',
    })
  })

  it('a missing private key costs no token that is still valid', async () => {
    await home.run([...home.serviceLogin, '--profile', 'jobs'])
    const { stdout } = await home.run('token')
    rmSync(home.keyPem)
    home.pass(2 * hour - 240_000)
    expect(await home.run('token')).toEqual({ code: 0, stdout, stderr: '' })
  })

  it('an invalid private key is named at the login', async () => {
    writeFileSync(home.keyPem, 'no key')
    const { code, stderr } = await home.run([...home.serviceLogin, '--profile', 'jobs'])
    expect(code).toBe(2)
    expect(stderr).toContain('private_key_pem')
  })

  it('a home that is a file is named', async () => {
    const { code, stderr } = await home.run(home.browserLogin, { env: { PDS_HOME: home.keyPem } })
    expect(code).toBe(1)
    expect(stderr).toContain(home.keyPem)
  })

  it('a damaged file of the clock is ignored', async () => {
    write('clock-bj1.json', '{')
    expect(await home.run('token')).toMatchObject({ code: 0, stderr: '' })
    write('clock-bj1.json', '{"offset":"a","startedAt":0}')
    expect(await home.run('token')).toMatchObject({ code: 0, stderr: '' })
  })

  it('a current profile that was deleted is named', async () => {
    rmSync(home.file('profiles/bj1.json'))
    expect(await home.run('token')).toMatchObject({
      code: 2,
      stderr: 'pds: There is no profile bj1. These exist: none.\n',
    })
    expect(await home.run(home.browserLogin)).toMatchObject({ code: 0 })
  })
})
