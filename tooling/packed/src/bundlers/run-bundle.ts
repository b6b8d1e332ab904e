import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)

/**
 * Runs a bundle as a program of Node.js, in an empty folder, and gives what it prints: JSON.
 *
 * The folder has packages to import only where it is put beside the installed ones.
 */
export async function runBundle(code: string, where: 'alone' | 'beside the packages'): Promise<unknown> {
  const { installed } = inject('packed')
  const folder = mkdtempSync(path.join(where === 'alone' ? path.dirname(installed) : installed, 'run-'))
  const file = path.join(folder, 'bundle.mjs')
  writeFileSync(file, code)
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder })
  // A warning, such as of something deprecated.
  if (stderr !== '') throw new Error(`the bundle wrote: ${stderr}`)
  return JSON.parse(stdout)
}
