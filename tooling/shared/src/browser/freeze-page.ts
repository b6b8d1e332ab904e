import type { Page } from './browser.ts'
import { toPlaywright } from './chromium.ts'

/**
 * Stops the process of a page with SIGSTOP, and with it all its timers and requests. Returns a function that resumes it.
 *
 * The DevTools cannot freeze a visible page, and a headless browser considers every page visible.
 */
export async function freezePage(page: Page): Promise<() => void> {
  const pid = await findProcess(page)
  process.kill(pid, 'SIGSTOP')
  return () => process.kill(pid, 'SIGCONT')
}

/** Finds the process of a page by the processor time that it uses while the page works. */
async function findProcess(page: Page): Promise<number> {
  const browser = toPlaywright(page).context().browser()
  const devtools = await browser?.newBrowserCDPSession()
  const read = async () => {
    const { processInfo = [] } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? {}
    const renderers = processInfo.filter(({ type }) => type === 'renderer')
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]))
  }
  // Other pages may still be loading, and use as much processor time as this one.
  for (let rounds = 0; rounds < 50; rounds++) {
    const before = await read()
    // A fixed amount of work: on a busy machine, a page may get no processor time for a while.
    await page.evaluate(() => {
      for (let count = 0; count < 1e9; count++);
    })
    const worked = [...(await read())].map(([id, time]) => ({ id, time: time - (before.get(id) ?? 0) }))
    const [first, second] = worked.sort((one, other) => other.time - one.time)
    if (first && first.time > 2 * (second?.time ?? 0)) {
      await devtools?.detach()
      return first.id
    }
  }
  throw new Error('could not find the process of the page among the processes of other pages')
}
