import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSystemBrowser } from './open-system-browser.ts'
import { startDomain } from './started-sign-in.test-helper.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'browser-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Makes a script the user's browser. The script is of Node.js, and the address is its argument. */
function installBrowser(script: string): void {
  const file = path.join(folder, 'browser')
  writeFileSync(file, `#!${process.execPath}\n${script}`, { mode: 0o755 })
  // xdg-open starts the browser that this variable names.
  vi.stubEnv('BROWSER', file)
  vi.stubEnv('XDG_CURRENT_DESKTOP', '')
  vi.stubEnv('DISPLAY', '')
}

/* Other systems start the browser of their settings, which the tests must not do. */
describe.runIf(process.platform === 'linux')('openSystemBrowser', () => {
  it('opens the address in the browser of the system, as one argument', async () => {
    const file = path.join(folder, 'seen')
    installBrowser(
      `require('node:fs').writeFileSync(${JSON.stringify(file)}, process.argv.slice(2).join(' '))`,
    )
    const url = "http://127.0.0.1:1/authorize?a=1&b=$(touch%20x);'`&c=%22"
    await openSystemBrowser(url)
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toBe(url)
  })

  it('reports a program that fails', async () => {
    installBrowser('process.exit(1)')
    const { closed } = await openSystemBrowser('http://127.0.0.1:1/')
    await expect(closed).rejects.toThrow(/^the program that opens the browser exited with code \d+$/)
  })

  it('is what a sign-in uses', async () => {
    installBrowser(`
      const url = new URL(process.argv[2])
      url.searchParams.set('user_id', 'ann')
      fetch(url)`)
    const domain = await startDomain()
    const { token } = await domain.start({ openBrowser: undefined })
    expect(await token).toMatchObject({ user_name: 'Ann' })
    await domain.close()
  })

  it('lets the sign-in continue if it fails', async () => {
    installBrowser('process.exit(1)')
    const domain = await startDomain()
    const onAddress = vi.fn()
    const { url, approve, token } = await domain.start({ openBrowser: undefined, onAddress })
    await expect.poll(() => onAddress.mock.calls).toHaveLength(2)
    expect(onAddress).toHaveBeenLastCalledWith({ url: url.href, reason: expect.any(Error) })
    await approve()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    await domain.close()
  })
})
