import { type ChildProcess, type ChildProcessByStdio, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Readable } from 'node:stream'

const flags = ['--unhandled-rejections=strict', '--disable-warning=ExperimentalWarning']
if (process.features.typescript === false) flags.push('--experimental-strip-types')

/** A script that runs as a child process, and its output. */
export interface RunningScript {
  readonly child: ChildProcess
  /** Resolves with the exit code and the signal when the process has exited and its output has ended. */
  readonly ended: Promise<unknown[]>
  /** Returns what the process has printed so far. */
  output(): string
}

/** Starts a script of this folder or of a neighbour as a child process. */
export function startScript(file: string): RunningScript {
  const child = fork(path.join(import.meta.dirname, file), {
    execArgv: flags,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { stdout, stderr } = child as ChildProcessByStdio<null, Readable, Readable>
  let output = ''
  for (const stream of [stdout, stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  // After `disconnect`, a child process emits no `close` event.
  const exit = once(child, 'exit')
  const outputEnded = Promise.all([once(stdout, 'end'), once(stderr, 'end')])
  return { child, ended: outputEnded.then(() => exit), output: () => output }
}
