import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Page } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string | null
  nodes: { target: unknown[] }[]
}

/**
 * Returns the accessibility violations that axe-core finds in a page, without minor ones: each with its impact and its
 * elements.
 */
export async function findViolations(page: Page): Promise<string[]> {
  // Runs outside the page's own scripts: its Content-Security-Policy does not apply.
  await page.evaluate(axe)
  const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)')
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .map(
      ({ id, impact, nodes }) =>
        `${id} (${impact}): ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
}

const screenshots = path.resolve(import.meta.dirname, '../../../..', 'artefacts', 'screenshots')

/** Writes a screenshot of the whole page to `artefacts/screenshots`, for people to look at: no test compares it. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({
    path: path.join(screenshots, `${name}.png`),
    fullPage: true,
    animations: 'disabled',
  })
}
