import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repository } from './repository.ts'

const start = path.join(repository, 'tooling', 'demo', 'dist', 'start.js')
const web = path.join(repository, 'tooling', 'demo', 'dist', 'web.js')
const launcher = path.join(repository, 'tooling', 'run.mjs')
const methods = ['getUserJwtToken', 'getServiceJwtToken', 'refreshJwtToken', 'getTokenByCode', 'refreshToken']
const escapeSequence = '\u001b['
const manifest = readFileSync(path.join(repository, 'package.json'), 'utf8')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-demo-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs Node.js with no variable in the environment that changes colours, except those given. */
async function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const ownNode = `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`
  const child = spawn(process.execPath, args, {
    env: { PATH: ownNode, TERM: 'xterm-256color', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

/** Returns an argument of Node.js that runs code before the demo. */
const preload = (code: string) => `--import=data:text/javascript,${encodeURIComponent(code)}`
const asTerminal = preload(`
  import tty from 'node:tty'
  const { getColorDepth } = tty.WriteStream.prototype
  Object.assign(process.stdout, { isTTY: true, getColorDepth })
`)

describe('npm start', () => {
  let run: Run
  let verbose: Run
  /** The values that each run sent or received under the name of a secret. */
  let secrets: [name: string, value: string][]

  beforeAll(async () => {
    const secretsFile = path.join(folder, 'secrets')
    const recordSecrets = preload(`
      import { appendFileSync } from 'node:fs'
      const send = globalThis.fetch
      const names = ['access_token', 'refresh_token', 'assertion', 'code', 'client_secret']
      const record = (entries) => {
        for (const [name, value] of entries)
          if (names.includes(name)) appendFileSync(process.env.SECRETS_FILE, name + ' ' + value + '\\n')
      }
      globalThis.fetch = async (url, init) => {
        const response = await send(url, init)
        record(new URLSearchParams(String(init?.body ?? '')))
        if (response.status === 200) record(Object.entries(await response.clone().json()))
        if (response.status === 302) record(new URL(response.headers.get('location')).searchParams)
        return response
      }
    `)
    const env = { SECRETS_FILE: secretsFile }
    run = await runNode([recordSecrets, start], env)
    verbose = await runNode([recordSecrets, start, '--verbose'], env)
    const lines = readFileSync(secretsFile, 'utf8').trim().split('\n')
    secrets = lines.map((line) => line.split(' ') as [string, string])
  })

  it('succeeds without a word on stderr', () => {
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain(
      'All five methods worked, and the service rejected the old tokens after each refresh.',
    )
  })

  it('fits on one screen', () => {
    const lines = run.stdout.split('\n')
    // npm prints 4 lines before, and the launcher at most 3: 60 in all.
    expect(lines.length - 1).toBeLessThanOrEqual(53)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  it('shows the request and the response of each method', () => {
    const steps = run.stdout.split('\n\n').filter((block) => /^\d\. /.test(block))
    expect(steps.map((step) => step.match(/\w+/g)?.[1])).toEqual([...methods, 'rotation'])
    const jwtBearer = 'grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer'
    const grants = [
      jwtBearer,
      jwtBearer,
      'grant_type=refresh_token',
      'grant_type=authorization_code',
      'grant_type=refresh_token',
    ]
    for (const [index, grant] of grants.entries()) {
      expect(steps[index]).toMatch(/request {3}POST \/v2\/(oauth|account)\/token /)
      expect(steps[index]).toContain(grant)
      expect(steps[index]).toMatch(
        /response {2}200 {2}access_token=\*{3}.{8}\*{3} {2}refresh_token=\*{3}.{8}\*{3} {2}expires_in=7200 \(2 h\) {2}user_id=\w/,
      )
    }
  })

  it('shows that the service rejects replaced tokens', () => {
    const checks = [
      ...run.stdout.matchAll(/^ {3}(\w+ token of step \d)(?:, \w+)? +(\*{3}.{8}\*{3}) .* (\d{3}.*)$/gm),
    ]
    expect(checks.map(([, token, , result]) => `${token}: ${result}`)).toEqual([
      'access token of step 1: 401 AccessTokenInvalid',
      'access token of step 3: 200',
      'refresh token of step 1: 400 InvalidParameter.RefreshToken',
      'access token of step 4: 401 AccessTokenInvalid',
      'access token of step 5: 200',
      'refresh token of step 4: 400 InvalidParameter.RefreshToken',
    ])
    // The steps show the same hashes.
    for (const [, , hash = ''] of checks) expect(run.stdout.split(hash).length).toBeGreaterThan(2)
  })

  it('prints no secret, also with --verbose', () => {
    const count = (name: string) => secrets.filter(([found]) => found === name).length
    // Of two runs with five tokens, two assertions, and one code that is issued and used.
    expect(['access_token', 'assertion', 'code'].map(count)).toEqual([10, 4, 4])
    expect(count('refresh_token')).toBeGreaterThanOrEqual(10)
    expect(count('client_secret')).toBeGreaterThanOrEqual(2)
    for (const { stdout } of [run, verbose]) {
      for (const [name, secret] of secrets) {
        expect(stdout.includes(secret), name).toBe(false)
        expect(stdout.includes(secret.slice(-12)), `the end of ${name}`).toBe(false)
      }
      // Private keys and other tokens have longer runs of these characters than anything that is printed.
      expect(stdout).not.toMatch(/[0-9a-f]{32}|eyJ[\w-]{20}|BEGIN/)
    }
  })

  it('ends with commands and files that exist', () => {
    const next = run.stdout.slice(run.stdout.indexOf('\nnext:\n')).match(/^ {3}\S.*?(?= {2})/gm) ?? []
    expect(next.length).toBeGreaterThanOrEqual(2)
    const { scripts } = JSON.parse(manifest)
    for (const name of next.map((line) => line.trim())) {
      const [, script] = /^npm (?:run )?(\w+)/.exec(name) ?? []
      expect(script ? scripts[script] : existsSync(path.join(repository, name)), name).toBeTruthy()
    }
  })

  it('prints no colours to a pipe', () => {
    expect(run.stdout).not.toContain(escapeSequence)
  })

  it.each([
    ['prints colours to a terminal', [asTerminal, start], {}, true],
    ['prints no colours to a terminal with NO_COLOR', [asTerminal, start], { NO_COLOR: '1' }, false],
    ['prints colours to a pipe with FORCE_COLOR', [start], { FORCE_COLOR: '1' }, true],
  ] as const)('%s', async (_, args, env, hasColours) => {
    const { code, stdout } = await runNode(args, env)
    expect(code).toBe(0)
    expect(stdout.includes(escapeSequence)).toBe(hasColours)
    expect(stripVTControlCharacters(stdout).split('\n').length).toBe(run.stdout.split('\n').length)
  })

  it('shows every field of every request and response with --verbose', () => {
    const { code, stdout } = verbose
    expect(code).toBe(0)
    expect(stdout.match(/^ {3}response: \d+|code +[A-Z][\w.]+$/gm)?.map((found) => found.trim())).toEqual([
      'response: 200',
      'response: 200',
      'response: 200',
      'response: 302',
      'response: 200',
      'response: 200',
      'response: 401',
      'code              AccessTokenInvalid',
      'response: 200',
      'response: 400',
      'code              InvalidParameter.RefreshToken',
      'response: 401',
      'code              AccessTokenInvalid',
      'response: 200',
      'response: 400',
      'code              InvalidParameter.RefreshToken',
    ])
    expect(stdout).toMatch(/ {5}refresh_token {5}\*{3}[\w-]{8}\*{3} \(32 characters\)/)
    for (const field of ['jti', 'expire_time', 'default_drive_id', 'authorization', 'requestId'])
      expect(stdout).toMatch(new RegExp(`^ +${field} +\\S`, 'm'))
  })

  it('fails if the rotation is not as documented', async () => {
    const acceptAll = preload(`
      const send = globalThis.fetch
      globalThis.fetch = async (url, init) => {
        const response = await send(url, init)
        return response.status === 401 ? new Response() : response
      }
    `)
    const { code, stdout } = await runNode([acceptAll, start])
    expect(code).toBe(1)
    expect(stdout).toContain(
      'The rotation is not as documented: expected 401,200,InvalidParameter.RefreshToken,401,200,InvalidParameter.RefreshToken, ' +
        'received 200,200,InvalidParameter.RefreshToken,200,200,InvalidParameter.RefreshToken.',
    )
  })
})

describe('npm run web', () => {
  it('prints the addresses of the application and of its domain, and ends without an error', async () => {
    const child = spawn(process.execPath, [web], { stdio: ['ignore', 'pipe', 'pipe'] })
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    const stderr = text(child.stderr)
    let stdout = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      stdout += chunk
      if (stdout.includes('Ctrl+C')) break
    }
    expect(stdout).toContain('with the users Ann Lee, 林晓雯, Sam Okafor')
    const addresses = stdout.match(/http:\S+/g) ?? []
    expect(addresses).toHaveLength(2)
    const titles = await Promise.all(
      addresses.map(async (address) => /<title>(.*)<\/title>/.exec(await (await fetch(address)).text())?.[1]),
    )
    expect(titles).toEqual(['My drive', expect.stringContaining('PDS emulator')])
    child.kill('SIGTERM')
    expect({ code: await code, stderr: await stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('the launcher', () => {
  /** A copy of the launcher, with a pnpm and a demo that print their arguments. */
  let copy: string

  beforeAll(() => {
    const write = (file: string, content: string) => {
      const target = path.join(folder, file)
      mkdirSync(path.dirname(target), { recursive: true })
      writeFileSync(target, content)
      return target
    }
    copy = write('tooling/run.mjs', '')
    copyFileSync(launcher, copy)
    write('package.json', manifest)
    write('tooling/demo/dist/start.js', `console.log('demo', process.argv.slice(2))`)
    const pnpm = write(
      'node_modules/.bin/pnpm',
      `#!/usr/bin/env node
      console.log('stdout of', ...process.argv.slice(2))
      console.error('stderr of', ...process.argv.slice(2))
      if (process.argv.includes(process.env.FAILS)) process.exit(3)`,
    )
    chmodSync(pnpm, 0o755)
  })

  it('shows the demo alone when install and build succeed', async () => {
    const { code, stdout, stderr } = await runNode([copy, 'demo'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'demo []\n' })
    // A slow step prints a line.
    expect(stderr).toMatch(/^(Installing packages .*…\n)?(Building the packages…\n)?$/)
  })

  it.each(['install', 'build'])('shows the output of a failed %s and exits with its code', async (step) => {
    const { code, stdout, stderr } = await runNode([copy, 'demo'], { FAILS: step })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    for (const stream of ['stdout', 'stderr'])
      expect(stderr).toMatch(new RegExp(`^${stream} of .*${step}`, 'm'))
  })

  it('shows the output of install and build with --verbose', async () => {
    const { code, stdout } = await runNode([copy, 'demo', '--verbose'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^stdout of .*install.*\nstdout of .*build.*\ndemo \[ '--verbose' \]\n$/)
  })

  it('rejects an unknown option before the install', async () => {
    expect(await runNode([copy, 'demo', '--vebose'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "Unknown option '--vebose'\nUsage: npm start [-- --verbose]\n",
    })
  })
})
