import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type IPty, spawn as spawnInTerminal } from '@lydell/node-pty'
import type { SignInWithBrowserOptions } from '@pds/auth-loopback'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Domain, startDomain } from './started-sign-in.test-helper.ts'

const program = fileURLToPath(new URL('sign-in-process.test-helper.ts', import.meta.url))

let domain: Domain
let stop: (() => void) | undefined

beforeAll(async () => {
  domain = await startDomain()
})

afterEach(() => stop?.())

afterAll(() => domain.close())

function argumentsOf(options: SignInWithBrowserOptions, ...others: string[]): string[] {
  const { api_endpoint } = domain.emulator
  const json = JSON.stringify({ openBrowser: false, ...options })
  return ['--disable-warning=ExperimentalWarning', program, api_endpoint, json, ...others]
}

/** The output of a program, as it arrives. */
class Output {
  text = ''
  #onText = () => {}

  add(text: string): void {
    this.text += text
    this.#onText()
  }

  /** Waits for a pattern. Returns its first group, or the match. */
  async waitFor(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.text)
      if (match) return match[1] ?? match[0]
      await new Promise<void>((resolve) => {
        this.#onText = resolve
      })
    }
  }

  /** Waits for the address of the sign-in page. */
  async waitForAddress(): Promise<URL> {
    return new URL(await this.waitFor(/(http:\S+authorize\S+)\r?\n/))
  }
}

interface Program {
  process: ChildProcess
  stderr: Output
  /** Resolves with the standard output when the program has ended. */
  ended: Promise<string>
}

function start(args: string[], stdin: 'pipe' | 'ignore' = 'pipe', env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, args, {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  stop = () => child.kill('SIGKILL')
  const [stdout, stderr] = [new Output(), new Output()]
  child.stdout?.setEncoding('utf8').on('data', (text) => stdout.add(text))
  child.stderr?.setEncoding('utf8').on('data', (text) => stderr.add(text))
  const ended = once(child, 'close').then(() => stdout.text)
  return { process: child, stderr, ended }
}

/** Approves a sign-in, without the redirect. Returns the address of the callback. */
async function approve(url: URL): Promise<string> {
  url.searchParams.set('user_id', 'ann')
  const { headers } = await fetch(url, { redirect: 'manual' })
  return headers.get('location') ?? ''
}

/**
 * Wraps the address of a callback over two lines, in the value of a parameter. Wrapped in the code, the first line is the
 * callback of a shorter code: it is complete unless the second one arrives with it.
 */
function wrap(callback: string, parameter: 'state' | 'code'): string[] {
  const { origin, pathname, searchParams } = new URL(callback)
  const { state = '', code = '' } = Object.fromEntries(searchParams)
  const address = `${origin}${pathname}?state=${state}&code=${code}`
  const end = address.indexOf(`${parameter}=`) + parameter.length + 10
  return [address.slice(0, end), address.slice(end)]
}

describe('a program', () => {
  it('ends after the sign-in, while a browser and the input stay open', async () => {
    const { stderr, ended } = start(argumentsOf({ pasteCode: true }))
    const callback = await approve(await stderr.waitForAddress())
    const { port } = new URL(callback)
    const spare = connect(Number(port), '127.0.0.1')
    await once(spare, 'connect')
    expect(await (await fetch(callback)).text()).toContain('You are signed in')
    expect(await ended).toBe('signed in as Ann\n')
    spare.destroy()
  })

  it('ends after a timeout', async () => {
    const { ended } = start(argumentsOf({ timeout: 1, pasteCode: true }))
    expect(await ended).toBe('failed: Timeout\n')
  })

  it('continues if its input ends', async () => {
    const { stderr, ended } = start(argumentsOf({ pasteCode: true }), 'ignore')
    const callback = await approve(await stderr.waitForAddress())
    expect((await fetch(callback)).status).toBe(200)
    expect(await ended).toBe('signed in as Ann\n')
  })

  it('reads pasted lines from a pipe, and then its other input', async () => {
    const { stderr, ended, process } = start(argumentsOf({ pasteCode: true }, 'ask'))
    const lines = wrap(await approve(await stderr.waitForAddress()), 'code')
    process.stdin?.write(`${lines.join('\n')}\n`)
    process.stdout?.on('data', (text) => text.includes('a line: ') && process.stdin?.write('the next line\n'))
    expect(await ended).toBe('signed in as Ann\na line: read the next line\n')
  })

  it.runIf(process.platform === 'linux')('ends while the browser still runs', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'browser-'))
    const browser = path.join(folder, 'browser')
    const script = `const url = new URL(process.argv[2])
      url.searchParams.set('user_id', 'ann')
      fetch(url)
      process.stdin.resume()
      const timer = setInterval(() => require('node:fs').existsSync(__filename) || clearInterval(timer), 50)`
    writeFileSync(browser, `#!${process.execPath}\n${script}`)
    chmodSync(browser, 0o755)
    const environment = { BROWSER: browser, XDG_CURRENT_DESKTOP: '', DISPLAY: '' }
    const { ended } = start(argumentsOf({ openBrowser: undefined }), 'ignore', environment)
    expect(await ended).toBe('signed in as Ann\n')
    rmSync(folder, { recursive: true })
  })

  it.runIf(process.platform === 'linux')('says why no browser was opened', async () => {
    const environment = { BROWSER: '/no/browser', XDG_CURRENT_DESKTOP: '', DISPLAY: '' }
    const { stderr, ended } = start(argumentsOf({ openBrowser: undefined }), 'ignore', environment)
    const callback = await approve(await stderr.waitForAddress())
    await stderr.waitFor(/No browser was opened: the program .* exited with code \d+\nOpen the address above/)
    expect((await fetch(callback)).status).toBe(200)
    expect(await ended).toBe('signed in as Ann\n')
  })
})

describe('a program in a terminal without a browser', () => {
  interface TerminalProgram {
    terminal: IPty
    output: Output
    ended: Promise<{ exitCode: number; signal?: number | undefined }>
  }

  function startInTerminal(options: SignInWithBrowserOptions, ...others: string[]): TerminalProgram {
    const args = argumentsOf({ pasteCode: true, ...options }, ...others)
    // Wide enough for the address: terminals copy a wrapped line as one line.
    const terminal = spawnInTerminal(process.execPath, args, { cols: 1000, rows: 50 })
    stop = () => terminal.kill('SIGKILL')
    const output = new Output()
    terminal.onData((text) => output.add(text))
    const ended = new Promise<Awaited<TerminalProgram['ended']>>((resolve) => terminal.onExit(resolve))
    return { terminal, output, ended }
  }

  it('signs in with the pasted address of the callback', async () => {
    const { terminal, output, ended } = startInTerminal({})
    const callback = await approve(await output.waitForAddress())
    await output.waitFor(/Or paste the address that the browser shows after the sign-in: /)
    terminal.write('hello\r')
    await output.waitFor(/the pasted text is not an address: paste the whole address/)
    terminal.write(`${callback}\r`)
    await output.waitFor(/signed in as Ann/)
    expect(await ended).toMatchObject({ exitCode: 0 })
    stop = undefined
  })

  it('signs in with an address that is wrapped over lines', async () => {
    const { terminal, output, ended } = startInTerminal({})
    // A terminal may give the second line later.
    const lines = wrap(await approve(await output.waitForAddress()), 'state')
    await output.waitFor(/after the sign-in: /)
    terminal.write(`${lines.join('\r')}\r`)
    await output.waitFor(/signed in as Ann/)
    expect(await ended).toMatchObject({ exitCode: 0 })
    stop = undefined
  })

  it('reads its other input after the sign-in', async () => {
    const { terminal, output, ended } = startInTerminal({}, 'ask')
    const callback = await approve(await output.waitForAddress())
    expect((await fetch(callback)).status).toBe(200)
    await output.waitFor(/a line: /)
    terminal.write('the next line\r')
    await output.waitFor(/read the next line/)
    expect(await ended).toMatchObject({ exitCode: 0 })
    stop = undefined
  })

  it('continues after Ctrl+D', async () => {
    const { terminal, output, ended } = startInTerminal({})
    const callback = await approve(await output.waitForAddress())
    await output.waitFor(/after the sign-in: /)
    terminal.write('\x04')
    expect((await fetch(callback)).status).toBe(200)
    await output.waitFor(/signed in as Ann/)
    expect(await ended).toMatchObject({ exitCode: 0 })
    stop = undefined
  })

  it('ends with Ctrl+C', async () => {
    const { terminal, output, ended } = startInTerminal({})
    await output.waitFor(/after the sign-in: /)
    terminal.write('\x03')
    expect(await ended).toMatchObject({ signal: 2 })
    stop = undefined
  })
})
