import { readFileSync } from 'node:fs'
import type { Report } from './report.ts'

/** The report that the READMEs show: `pnpm bench --json tooling/bench/report.json` writes it. */
export const keptReport: Report = JSON.parse(
  readFileSync(new URL('../../report.json', import.meta.url), 'utf8'),
)
