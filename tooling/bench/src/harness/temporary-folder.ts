import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'

/**
 * Lets all temporary files of this process and of those that it starts be in one folder, which goes with this process,
 * also where an error or a signal ends it.
 */
export function ownTemporaryFolder(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-bench-'))
  // Windows has two names for it, and others one.
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder })
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // With an exit, all that is to be ended with this process is.
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
}
