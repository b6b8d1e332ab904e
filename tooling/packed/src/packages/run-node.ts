import { type ExecFileOptions, execFile } from 'node:child_process'

/** What a process did. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs Node.js to its end, whatever that is. Rejects where it could not start or was killed. */
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
