import { bundleForPage, launchBrowser, servePages } from 'shared/browser'
import type { Runtime } from './runtime.ts'

/** Starts Chromium with a bundle of the scenarios. Each scenario runs in a new tab. */
export async function browserRuntime(folder: string, scenarios: readonly string[]): Promise<Runtime> {
  const exports = scenarios.map((name) => `export { run as '${name}' } from './${name}.mjs'`)
  const pages = await servePages(await bundleForPage(exports.join('\n'), folder, 'scenarios'))
  const browser = await launchBrowser()
  const context = await browser.newContext()
  return {
    version: /^\d+/.exec(browser.version())?.[0] ?? '',
    async run(scenario, environment) {
      const page = await context.newPage()
      await page.goto(pages.origin)
      const call = `scenarios[${JSON.stringify(scenario)}](${JSON.stringify(environment)})`
      const result = await page.evaluate(call)
      await page.close()
      return result
    },
    async close() {
      await browser.close()
      await pages.close()
    },
  }
}
