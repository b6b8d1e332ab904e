import { spawn } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'
import { bin, type Home } from './pds-process.test-helper.ts'

/** A process of `pds` in a pseudo-terminal. */
export interface Terminal {
  /** Everything that the terminal has received, with the control sequences. */
  output(): string
  /** Resolves when the output, without control sequences, matches. */
  shows(pattern: RegExp): Promise<RegExpExecArray>
  /** Types text. */
  type(text: string): void
  kill(signal: string): void
  exit: Promise<number>
}

/** Starts a command in a pseudo-terminal, or a shell with a script. */
export function openTerminal(
  home: Home,
  args: readonly string[] | { script: string },
  env: Record<string, string | undefined> = {},
): Terminal {
  const [file, ...rest] = 'script' in args ? ['bash', '-c', args.script] : [process.execPath, bin, ...args]
  const environment = { ...home.env, PDS_BIN: bin, ...env }
  const terminal = spawn(file as string, rest, {
    cols: 200,
    rows: 40,
    name: 'xterm-256color',
    cwd: home.folder,
    env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)),
  })
  let output = ''
  const listeners = new Set<() => void>()
  terminal.onData((data) => {
    output += data
    for (const listener of [...listeners]) listener()
  })
  let isOver = false
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      isOver = true
      for (const listener of [...listeners]) listener()
      resolve(signal ? 128 + signal : exitCode)
    })
  })
  onTestFinished(() => {
    if (!isOver) terminal.kill('SIGKILL')
  })
  return {
    output: () => output,
    exit,
    type: (text) => terminal.write(text),
    kill: (signal) => terminal.kill(signal),
    async shows(pattern) {
      for (;;) {
        const match = pattern.exec(plain(output))
        if (match) return match
        if (isOver) throw new Error(`the terminal shows no ${pattern}: ${plain(output)}`)
        await new Promise<void>((resolve) => {
          const listener = () => {
            listeners.delete(listener)
            resolve()
          }
          listeners.add(listener)
        })
      }
    },
  }
}

/** Returns text without control sequences. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, '').replaceAll('\r\n', '\n')
}
