import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { isPDSError, type PDSError } from '@pds/core'
import { expect, onTestFinished } from 'vitest'

/** Creates a folder for the time of one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-session-keychain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Returns the path of a key file that does not exist yet, in a folder that does not exist yet. */
export function temporaryFile(): string {
  return path.join(temporaryFolder(), 'data', 'key.json')
}

/** Creates a symbolic link to the missing file `missing.json`. Returns its path. */
export function danglingLink(): string {
  const link = path.join(temporaryFolder(), 'key.json')
  symlinkSync('missing.json', link)
  return link
}

/** Returns the `PDSError` that a call rejects with, and checks that it contains none of the secrets. */
export async function failure(call: Promise<unknown>, secrets: readonly string[] = []): Promise<PDSError> {
  const reason: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (error) => error,
  )
  if (!isPDSError(reason)) throw reason
  const shown = inspect(reason, { depth: 20, showHidden: true }) + JSON.stringify(reason)
  for (const secret of secrets) expect(shown).not.toContain(secret)
  expect(reason.outcome).toBe('not-sent')
  return reason
}
