import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string | null
  nodes: { target: unknown[] }[]
}

/**
 * What axe-core finds wrong with a page that is a hindrance to people who read or use it in another way: each fault
 * with its gravity and where it is. Empty where there is none.
 */
export async function findViolations(page: Page): Promise<string[]> {
  // In the world of the test, which the page's Content-Security-Policy has no say in.
  await page.evaluate(axe)
  const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)')
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .map(
      ({ id, impact, nodes }) =>
        `${id} (${impact}): ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
}
