import { type ExecFileOptions, execFile } from 'node:child_process'

/** What a program did. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script of Node.js to its end, whatever that is. Rejects where it could not run, or was killed. */
export function runProgram(
  script: string,
  args: readonly string[] = [],
  options: ExecFileOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { maxBuffer: 2 ** 24, ...options, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error && child.exitCode === null) reject(error)
        else resolve({ code: child.exitCode ?? 0, stdout, stderr })
      },
    )
  })
}
