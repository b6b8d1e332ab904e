import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** The result of a search for a browser. */
export interface FoundBrowser {
  /** Playwright's launch options for it. */
  executable: { executablePath: string } | { channel: 'chrome' }
  /** How to install it, or false if it is installed. */
  isMissing: string | false
}

/** Where to look for a browser. */
export interface BrowserSearch {
  /** The environment variable that names its file. */
  variable: string
  /** File names to look for on the path. */
  names: readonly string[]
  /** The browser that Playwright finds on macOS and Windows, where browsers are not on the path. */
  channel?: 'chrome'
  /** The browser to use if this browser is missing. */
  instead?: FoundBrowser
  missing: string
}

const isUnix = process.platform !== 'darwin' && process.platform !== 'win32'

/** Looks for a browser. Throws if it is missing and no test may be skipped. */
export function findBrowser({ variable, names, channel, instead, missing }: BrowserSearch): FoundBrowser {
  const executablePath = process.env[variable] ?? findOnPath(names)
  if (executablePath !== undefined) return { executable: { executablePath }, isMissing: false }
  if (channel !== undefined && !isUnix) return { executable: { channel }, isMissing: false }
  if (instead !== undefined && instead.isMissing === false) return instead
  if (process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)
  return { executable: { channel: 'chrome' }, isMissing: missing }
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
