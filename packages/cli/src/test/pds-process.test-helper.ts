import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { getTokenByCode } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { type RunningEmulator, type StartEmulatorOptions, startEmulator } from '@pds/emulator'
import type { ITokenInfo } from '@pds/types'
import { onTestFinished } from 'vitest'
import { openSession } from '../account/open-account.ts'
import { Output } from '../output/output.ts'
import type { Profile } from '../profile/profile.ts'
import { Profiles } from '../profile/profiles.ts'

/** The built command. */
export const bin: string = path.resolve(import.meta.dirname, '../../dist/bin.js')

/** The result of a process. */
export interface Exit {
  code: number | null
  stdout: string
  stderr: string
}

/** How to start a process. */
export interface StartOptions {
  env?: Record<string, string | undefined>
  /** Text for the standard input. Default: none, and the input ends at once. */
  input?: string
  /** Whether the standard input stays open after that. */
  keepsInput?: boolean
  /** Modules that Node.js loads first: the paths of files. */
  imports?: readonly string[]
}

/** A process of `pds`. */
export interface PdsProcess {
  child: ChildProcess
  exit: Promise<Exit>
  /** Resolves when stderr matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

// In milliseconds.
export const hour = 3_600_000

/** Starts a domain with the users Ann and Bob, a JWT application and a native application. */
export async function startDomain(options: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({
    domain_id: 'bj1',
    users: [
      { user_id: 'ann', user_name: 'Ann Lee' },
      { user_id: 'bob', user_name: 'Bob' },
    ],
    ...options,
  })
  onTestFinished(() => emulator.close())
  return emulator
}

/** The script of a browser whose user approves at once. */
export const approves: string = approvesAs('ann')

/** Returns the script of a browser in which a user approves at once. */
export function approvesAs(user_id: string): string {
  return `address.searchParams.set('user_id', '${user_id}'); fetch(address)`
}

/** A folder with profiles and tokens, and the processes that use it. It exists for one test. */
export class Home {
  readonly emulator: RunningEmulator
  readonly folder: string
  #browser = '/bin/false'
  #passed = 0
  #clockShift = 0

  constructor(emulator: RunningEmulator) {
    this.emulator = emulator
    this.folder = mkdtempSync(path.join(tmpdir(), 'pds-cli-'))
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    mkdirSync(this.data)
    writeFileSync(this.file('key.json'), keyFile(), { mode: 0o600 })
    writeFileSync(path.join(this.folder, 'key.pem'), emulator.app('jwt').private_key_pem, { mode: 0o600 })
  }

  /** The environment of its processes: that of a user, without what only a test run or a CI server sets. */
  get env(): Record<string, string | undefined> {
    const {
      CI,
      NO_COLOR,
      FORCE_COLOR,
      NODE_DISABLE_COLORS,
      PDS_PROFILE,
      BROWSER,
      NODE_USE_ENV_PROXY,
      ...env
    } = process.env
    return {
      ...env,
      PDS_HOME: this.data,
      PDS_LANG: 'en',
      BROWSER: this.#browser,
      NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${moveClock(this.#passed + this.#clockShift, this.#passed)}`,
    }
  }

  /** The folder of profiles and tokens. */
  get data(): string {
    return path.join(this.folder, 'home')
  }

  /** The path of the private key of the JWT application. */
  get keyPem(): string {
    return path.join(this.folder, 'key.pem')
  }

  /** The arguments of a login with the browser. */
  get browserLogin(): string[] {
    return `login --domain bj1 --client native-app --endpoint ${this.emulator.api_endpoint}`.split(' ')
  }

  /** The arguments of a login with the JWT application. */
  get serviceLogin(): string[] {
    const { api_endpoint } = this.emulator
    return [
      'login --service --domain bj1 --client jwt-app'.split(' '),
      ['--endpoint', api_endpoint, '--key', this.keyPem],
    ].flat()
  }

  file(name: string): string {
    return path.join(this.data, name)
  }

  /** Returns the content of a file, or undefined if it does not exist. */
  read(name: string): string | undefined {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8') : undefined
  }

  start(
    args: readonly string[],
    { env = {}, input, keepsInput, imports = [] }: StartOptions = {},
  ): PdsProcess {
    const flags = imports.flatMap((file) => ['--import', file])
    const child = spawn(process.execPath, [...flags, bin, ...args], {
      env: { ...this.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    if (input !== undefined) child.stdin?.write(input)
    if (!keepsInput) child.stdin?.end()
    return observe(child)
  }

  /** Runs a command, and waits for its end. */
  run(args: string | readonly string[], options?: StartOptions): Promise<Exit> {
    return this.start(typeof args === 'string' ? args.split(' ').filter(Boolean) : args, options).exit
  }

  /** Runs a command with `--json`, and returns the JSON of its output. Fails unless the output is one line. */
  async json(args: string, options?: StartOptions): Promise<Record<string, unknown>> {
    const { stdout, stderr } = await this.run(`${args} --json`, options)
    const lines = stdout.split('\n')
    if (lines.length !== 2 || lines[1] !== '') throw new Error(`not one line: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }

  /** Writes a profile, and signs the user in as `pds login` does. */
  async signIn(name = 'bj1', user_id = 'ann'): Promise<ITokenInfo> {
    const { api_endpoint } = this.emulator
    const profile: Profile = { type: 'user', api_endpoint, domain_id: 'bj1', client_id: 'native-app' }
    const redirect_uri = this.emulator.app('native').redirect_uris[0] as string
    const transport = createTransport({ api_endpoint })
    const app = { client_id: profile.client_id, redirect_uri }
    const code = this.emulator.createCode({ ...app, user_id })
    const token = await getTokenByCode(transport, { ...app, code })
    const folders = { config: this.data, data: this.data }
    const output = new Output('en', false, process.stdout, process.stderr)
    const account = await openSession({ name, profile }, undefined, folders, output)
    await account.session.setToken(token)
    account.close()
    const profiles = new Profiles(this.data)
    profiles.write(name, profile)
    profiles.select(name)
    return token
  }

  /** Lets time pass, for the service and for this machine: by default 3 hours, so that access tokens expire. */
  pass(milliseconds: number = 3 * hour): void {
    this.emulator.clock.advance(milliseconds)
    this.#passed += milliseconds
  }

  /** Sets the clock of this machine forward or back, in milliseconds. */
  moveClock(milliseconds: number): void {
    this.#clockShift += milliseconds
  }

  /** Returns how often tokens were requested with a grant type. */
  count(grant: string): number {
    return this.emulator.requests.filter((each) => each.grant === grant).length
  }

  /** Writes a program that `pds login` opens as the browser. In its script, `address` is the URL that it opens. */
  useBrowser(script: string): void {
    this.#browser = path.join(this.folder, 'browser')
    const start = 'const address = new URL(process.argv[2])'
    writeFileSync(this.#browser, [`#!${process.execPath}`, start, script].join('\n'), { mode: 0o755 })
  }
}

/** Returns the address of a module that moves the clock of a process, and the time since the start of its machine. */
function moveClock(milliseconds: number, passed: number): string {
  const code = `import os from 'node:os'
    import { syncBuiltinESMExports } from 'node:module'
    const { now } = Date
    globalThis.Date = class extends Date {
      constructor(...args) { super(...(args.length ? args : [Date.now()])) }
      static now() { return now() + ${milliseconds} }
    }
    const { uptime } = os
    os.uptime = () => uptime() + ${passed / 1000}
    syncBuiltinESMExports()`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

/** Returns the content of a key file, so that no test uses the keychain of this machine. */
export function keyFile(): string {
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  return JSON.stringify({ format: 1, place: 'file', key })
}

/** Removes what a command writes if it takes longer than a second, as it may on a busy machine. */
export function withoutProgress(stderr: string): string {
  return stderr.replaceAll(/^[^\n]*…\n/gm, '')
}

function observe(child: ChildProcess): PdsProcess {
  const stdout = text(child.stdout as Readable)
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
    child.emit('said')
  })
  const exit = once(child, 'close').then(async ([code]) => ({
    code,
    stdout: await stdout,
    stderr: withoutProgress(stderr),
  }))
  return {
    child,
    exit,
    async says(pattern) {
      for (;;) {
        const match = pattern.exec(stderr)
        if (match) return match
        const ended = await Promise.race([exit, once(child, 'said').then(() => undefined)])
        if (ended && !pattern.test(stderr)) throw new Error(`pds ended: ${JSON.stringify(ended)}`)
      }
    },
  }
}
