import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

/** Debian's, and those that others install; on macOS and Windows Playwright looks for Chrome where that lives. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const isUnix = process.platform !== 'darwin' && process.platform !== 'win32'

const executablePath = process.env.PDS_BROWSER ?? findOnPath()

const missing = 'Chromium is missing: apt-get install chromium, or name a browser in PDS_BROWSER'
const isMissing = executablePath === undefined && isUnix
if (isMissing && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)

/** Why tests that need a browser are skipped, or false. Where no test may be skipped, this module fails instead. */
export const browserIsMissing: string | false = isMissing && missing

/** Starts a browser of its own, without a window, that asks nobody but the pages it is sent to. Its caller closes it. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
    // Root has no sandbox, which is who tests run as in a container.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(options.args ?? []),
  ]
  const which = executablePath === undefined ? { channel: 'chrome' } : { executablePath }
  return chromium.launch({ ...which, ...options, args })
}

function findOnPath(): string | undefined {
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
