import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** What `pnpm bench` was asked for. */
export interface BenchOptions {
  /** The names of suites. */
  only: readonly string[]
  json: string | undefined
  smoke: boolean
  help: boolean
}

/** Reads the arguments of the bench. Throws where something is wrong with one of them: before minutes of measuring. */
export function benchOptions(args: readonly string[], suites: readonly string[]): BenchOptions {
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
    throw new Error(`there is no suite ${unknown}: there are ${suites.join(', ')}`)
  }
  if (json !== undefined) checkWritable(json)
  return { only: [...new Set(only)], json, smoke, help }
}

/** Throws where a file cannot be written, and leaves everything as it is. */
function checkWritable(file: string): void {
  const isNew = !existsSync(file)
  closeSync(openSync(file, 'a'))
  if (isNew) rmSync(file)
}
