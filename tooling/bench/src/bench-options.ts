import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** The options of `pnpm bench`. */
export interface BenchOptions {
  /** The names of the suites to run. */
  only: readonly string[]
  json: string | undefined
  smoke: boolean
  help: boolean
}

/** Parses the command line. Throws if an option is wrong, before the benchmarks measure for minutes. */
export function parseBenchOptions(args: readonly string[], suites: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [...suites] },
      json: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { only, json, smoke, help } = values
  const unknown = only.find((name) => !suites.includes(name))
  if (unknown !== undefined) {
    throw new Error(`--only: the suite must be one of ${suites.join(', ')} (received ${unknown})`)
  }
  if (json !== undefined) checkWritable(json)
  return { only: [...new Set(only)], json, smoke, help }
}

/** Throws if the file cannot be written. Does not change or create it. */
function checkWritable(file: string): void {
  const isNew = !existsSync(file)
  closeSync(openSync(file, 'a'))
  if (isNew) rmSync(file)
}
