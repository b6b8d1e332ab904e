import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import path from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { getTokenByCode } from '@pds/auth-oauth'
import { createTransport } from '@pds/core/fetch'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, onTestFinished } from 'vitest'
import { openSession } from '../account/open-account.ts'
import { Output } from '../output/output.ts'
import type { Text } from '../output/text.ts'
import { findFolders } from '../profile/folders.ts'
import { Profiles } from '../profile/profiles.ts'
import { keyFile } from '../test/pds-process.test-helper.ts'
import type { CommandContext, CommandValues, RunCommand } from './command.ts'

/** The built command. */
export const bin: string = path.resolve(import.meta.dirname, '../../dist/bin.js')

// Each account of a test adds a listener for the end of the process.
process.setMaxListeners(100)

const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** How a process ended, and what it wrote. */
export interface ProcessResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Creates an empty folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The folder of a test, with its profiles, tokens and files. */
export class Home {
  readonly folder: string

  constructor(folder: string = temporaryFolder()) {
    this.folder = folder
  }

  /** Returns the path of a file in the folder. */
  file(name: string): string {
    return path.join(this.folder, name)
  }

  /** Writes a file, and returns its path. */
  write(name: string, content: string, mode = 0o600): string {
    const file = this.file(name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content, { mode })
    return file
  }

  /** The environment of the processes. */
  get env(): NodeJS.ProcessEnv {
    const { PATH } = process.env
    return { PATH, PDS_HOME: this.folder, LANG: 'C' }
  }

  /** Writes the key of the tokens, so that no test uses the keychain of this machine. */
  writeKey(): void {
    if (existsSync(this.folder) && !existsSync(this.file('key.json'))) this.write('key.json', keyFile())
  }

  /** Starts `pds`. Its stdin is empty. */
  start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    this.writeKey()
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }

  /** Runs `pds` until it ends. */
  async pds(...args: string[]): Promise<ProcessResult> {
    return ended(this.start(args))
  }

  /** Writes the profile `jobs` of the JWT application, and makes it the current one. */
  writeService(emulator: RunningEmulator): void {
    this.writeKey()
    const { client_id, private_key_pem } = emulator.app('jwt')
    const key_file = this.write('key.pem', private_key_pem)
    const { api_endpoint, domain_id } = emulator
    const profiles = new Profiles(this.folder)
    profiles.write('jobs', { type: 'service', api_endpoint, domain_id, client_id, key_file })
    profiles.select('jobs')
  }

  /** Writes the profile `me` of a user, signs in, and makes it the current one. Returns the access token. */
  async signInUser(emulator: RunningEmulator): Promise<string> {
    this.writeKey()
    const { client_id } = emulator.app('native')
    const { api_endpoint } = emulator
    const profiles = new Profiles(this.folder)
    const profile = { type: 'user', api_endpoint, client_id } as const
    profiles.write('me', profile)
    profiles.select('me')
    const code = emulator.createCode({ client_id, user_id: 'user-1' })
    const redirect_uri = 'http://127.0.0.1:3000/callback'
    const token = await getTokenByCode(createTransport({ api_endpoint }), { client_id, redirect_uri, code })
    const { output } = silentContext()
    const account = await openSession(
      { name: 'me', profile },
      undefined,
      await findFolders({ PDS_HOME: this.folder }),
      output,
    )
    await account.session.setToken(token)
    account.close()
    return token.access_token
  }

  /** Lets the next processes believe that the service's clock is ahead by a number of milliseconds. */
  moveClock(offset: number): void {
    const startedAt = Date.now() - uptime() * 1000
    for (const name of new Profiles(this.folder).names())
      this.write(`clock-${name}.json`, JSON.stringify({ offset, startedAt }))
  }
}

/** Waits for the end of a process. */
export async function ended(child: ChildProcess): Promise<ProcessResult> {
  const read = (stream: Readable | null) => (stream && !stream.destroyed ? text(stream) : '')
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    read(child.stdout),
    read(child.stderr),
  ])
  return { code, signal, stdout, stderr }
}

/** Starts an emulator for one test. */
export async function startDomain(
  options: Parameters<typeof startEmulator>[0] = {},
): Promise<RunningEmulator> {
  const emulator = await startEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** Starts an emulator, and creates a folder with the profile of its JWT application. */
export async function startService(): Promise<{ home: Home; emulator: RunningEmulator }> {
  const home = new Home()
  const emulator = await startDomain()
  home.writeService(emulator)
  return { home, emulator }
}

/** A context whose output is collected. */
export function silentContext(isJson = false, language: keyof Text = 'en') {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) =>
    new PassThrough().on('data', (data) => {
      written[name] += data
    })
  const output = new Output(language, isJson, stream('stdout'), stream('stderr'))
  const context: CommandContext = { output, signal: new AbortController().signal }
  return { ...context, context, written }
}

/** Runs a command in this process. */
export async function runHere(
  run: RunCommand,
  values: CommandValues,
  isJson = false,
  language: keyof Text = 'en',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { context, written } = silentContext(isJson, language)
  const code = (await run(values as never, context)) ?? 0
  return { code, ...written }
}
