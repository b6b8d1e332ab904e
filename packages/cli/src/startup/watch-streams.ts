import { exitCode } from '../output/exit-code.ts'

/** Ends the process if it cannot write its result. The other end of a pipe may have read enough, such as `head`. */
export function watchStreams(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    process.stderr.write(`pds: stdout cannot be written (${code})\n`)
    process.exit(exitCode.failed)
  })
  // Messages are lost then, but the result is not.
  process.stderr.on('error', () => undefined)
}
