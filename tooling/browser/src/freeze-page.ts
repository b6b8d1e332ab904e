import type { Page } from './browser.ts'
import { toPlaywright } from './chromium.ts'

/**
 * Stops a page in the midst of what it does, with its timers and all that it waits for, by a signal to its process.
 * Gives what lets it go on.
 *
 * The lifecycle state `frozen` of the DevTools does nothing to a page that is visible, and without a window all are.
 */
export async function freezePage(page: Page): Promise<() => void> {
  const pid = await findProcess(page)
  process.kill(pid, 'SIGSTOP')
  return () => process.kill(pid, 'SIGCONT')
}

/** The process of a page: the one that works when the page does. */
async function findProcess(page: Page): Promise<number> {
  const browser = toPlaywright(page).context().browser()
  const devtools = await browser?.newBrowserCDPSession()
  const read = async () => {
    const { processInfo = [] } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? {}
    const renderers = processInfo.filter(({ type }) => type === 'renderer')
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]))
  }
  // Other pages may still be loading: until then, none of them stands out.
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
  throw new Error('the process of the page cannot be told from others')
}
