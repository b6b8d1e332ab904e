import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { bundleForPage, servePages } from 'shared/browser'
import { type Engine, startCall } from 'shared/engines'
import type { Runtime } from './runtime.ts'

/** Starts an engine with a bundle of the scenarios. Each scenario runs in a new tab. */
export async function engineRuntime(
  engine: Engine,
  folder: string,
  scenarios: readonly string[],
): Promise<Runtime> {
  const exports = scenarios.map((name) => `export { run as '${name}' } from './${name}.mjs'`)
  const pages = await servePages(await bundleForPage(exports.join('\n'), folder, 'scenarios'))
  const browser = await engine.launch()
  const profile = await browser.newProfile()
  const open = async () => {
    const tab = await profile.open('tab')
    await tab.goto(pages.origin)
    return tab
  }
  const first = await open()
  const userAgent = await first.evaluate<string>('navigator.userAgent')
  await first.close()
  return {
    version: /(?:Chrome|Firefox)\/(\d+)/.exec(userAgent)?.[1] ?? versionOfWebKit(),
    async run(scenario, environment) {
      const tab = await open()
      const call = await startCall(
        tab,
        `scenarios[${JSON.stringify(scenario)}](${JSON.stringify(environment)})`,
      )
      const result = await call.result()
      await tab.close()
      return result
    },
    async close() {
      await browser.close()
      await pages.close()
    },
  }
}

/** Returns the version of WebKitGTK, which is not in its user agent, or an empty text if its browser is elsewhere. */
function versionOfWebKit(): string {
  const [file] = globSync('/usr/lib{,exec}/{,*/}webkit2gtk-4.1/MiniBrowser')
  if (!file) return ''
  const output = execFileSync('xvfb-run', ['--auto-servernum', file, '--version'], { encoding: 'utf8' })
  return /\d+\.\d+/.exec(output)?.[0] ?? ''
}
