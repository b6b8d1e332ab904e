import { type ExecFileOptions, execFile } from 'node:child_process'

/** The result of a process. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs Node.js until it exits, with any exit code. Rejects if Node.js could not start or was killed. */
export function runNode(args: readonly string[], options: ExecFileOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      args,
      { maxBuffer: 2 ** 24, ...options, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (child.exitCode === null) reject(error)
        else resolve({ code: child.exitCode, stdout, stderr })
      },
    )
  })
}
