import { assertMaySkip, findFile, type ProgramSearch } from './find-program.ts'

/** The result of a search for a browser. */
export interface FoundBrowser {
  /** Playwright's launch options for it. */
  executable: { executablePath: string } | { channel: 'chrome' }
  /** How to install it, or false if it is installed. */
  isMissing: string | false
}

/** Where to look for a browser. */
export interface BrowserSearch extends ProgramSearch {
  /** The browser that Playwright finds on macOS and Windows, where browsers are not on the path. */
  channel?: 'chrome'
  /** The browser to use if this browser is missing. */
  instead?: FoundBrowser
}

const isUnix = process.platform !== 'darwin' && process.platform !== 'win32'

/** Looks for a browser. Throws if it is missing and no test may be skipped. */
export function findBrowser({ channel, instead, missing, ...search }: BrowserSearch): FoundBrowser {
  const executablePath = findFile(search)
  if (executablePath !== undefined) return { executable: { executablePath }, isMissing: false }
  if (channel !== undefined && !isUnix) return { executable: { channel }, isMissing: false }
  if (instead !== undefined && instead.isMissing === false) return instead
  return { executable: { channel: 'chrome' }, isMissing: assertMaySkip(missing) }
}
