import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { approves, type Exit, Home, startDomain } from './pds-process.test-helper.ts'

/* The whole life of a sign-in, with all secrets of the wire recorded: they are neither in the output nor in a file. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

/** A module that writes the body of each request and response to a file. */
function recorder(file: string): string {
  const code = `import { appendFileSync } from 'node:fs'
    const { fetch } = globalThis
    globalThis.fetch = async (url, init) => {
      appendFileSync(${JSON.stringify(file)}, '\\n' + (init?.body ?? ''))
      const response = await fetch(url, init)
      appendFileSync(${JSON.stringify(file)}, '\\n' + await response.clone().text())
      return response
    }`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

/** Returns the secrets in recorded JSON and forms. */
function secretsOf(text: string): string[] {
  const names = 'access_token|refresh_token|code_verifier|assertion'
  const json = text.matchAll(new RegExp(`"(?:${names})":"([^"]+)"`, 'g'))
  const form = text.matchAll(new RegExp(`(?:^|&)(?:${names}|code)=([^&\\n]+)`, 'gm'))
  return [...json, ...form].map(([, value]) => decodeURIComponent(value as string))
}

it('writes no secret but the output of pds token', async () => {
  const record = path.join(home.folder, 'wire')
  home.useBrowser(approves)
  const imports = [recorder(record)]
  const env = { NODE_DEBUG: 'pds' }
  const exits: Exit[] = []
  const run = async (args: string | readonly string[], options = {}) => {
    const exit = await home.run(args, { imports, env, ...options })
    exits.push(exit)
    return exit
  }
  await run([...home.browserLogin, '--json'])
  await run([...home.serviceLogin, '--profile', 'jobs'])
  await run('token', { imports: [] })
  const printed = exits.pop() as Exit
  expect(printed.code).toBe(0)
  home.pass()
  for (const profile of ['jobs', 'bj1']) {
    for (const args of ['whoami', 'status', 'api /user/get', 'profiles', 'logout']) {
      const account = args === 'profiles' ? '' : ` --profile ${profile}`
      await run(`${args}${account}`)
      await run(`${args}${account} --json`)
    }
    await run(`token --profile ${profile}`)
  }
  home.emulator.injectFault({ type: 'status', status: 400, path: '/v2/oauth/token', times: 2 })
  await run(home.browserLogin)
  await run(home.serviceLogin)

  const secrets = new Set(secretsOf(readFileSync(record, 'utf8')))
  expect(secrets.size).toBeGreaterThan(10)
  expect(secrets).toContain(printed.stdout.trim())
  const pem = readFileSync(home.keyPem, 'utf8').split('\n')[1] as string
  const key = JSON.parse(home.read('key.json') as string).key as string
  const output = exits.map(({ stdout, stderr }) => stdout + stderr).join('\n')
  expect(output).toContain('PDS ')
  for (const secret of [...secrets, pem, key]) expect(output).not.toContain(secret)

  for (const name of readdirSync(home.data, { recursive: true }).map(String)) {
    const file = home.file(name)
    if (statSync(file).isDirectory()) continue
    const content = readFileSync(file, 'latin1')
    for (const secret of [...secrets, pem]) expect(content, name).not.toContain(secret)
    if (name !== 'key.json') expect(content, name).not.toContain(key)
    expect(statSync(file).mode & 0o077, name).toBe(0)
  }
})
