import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** Where to look for a program. */
export interface ProgramSearch {
  /** The environment variable that names its file. */
  variable: string
  /** File names to look for on the path. */
  names: readonly string[]
  /** How to install it. */
  missing: string
}

/** The result of a search for a program. */
export interface FoundProgram {
  /** Its file, or its first name if it is missing. */
  file: string
  /** How to install it, or false if it is installed. */
  isMissing: string | false
}

/** Looks for a program. Throws if it is missing and no test may be skipped. */
export function findProgram(search: ProgramSearch): FoundProgram {
  const file = findFile(search)
  if (file !== undefined) return { file, isMissing: false }
  return { file: search.names[0] ?? '', isMissing: assertMaySkip(search.missing) }
}

/** Returns the file of a program, or undefined if it is missing. */
export function findFile({ variable, names }: Omit<ProgramSearch, 'missing'>): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  return process.env[variable] ?? files.find(isExecutable)
}

/** Returns a reason to skip tests, or throws it if no test may be skipped. */
export function assertMaySkip(reason: string): string {
  if (process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(reason)
  return reason
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
