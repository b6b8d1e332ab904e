import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'

/**
 * Makes this process and its child processes create all temporary files in one new folder. The folder is removed when
 * this process ends, also after an error or a signal.
 */
export function useTemporaryFolder(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-bench-'))
  // A server that refuses to run as root runs as another user, who must reach its own folder in this one.
  chmodSync(folder, 0o711)
  // Windows reads TEMP and TMP, other systems TMPDIR.
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder })
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Only an exit runs the handlers that clean up.
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
}
