import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeProcess } from '../../harness/time-process.ts'
import { startTokenServer } from '../../servers/token-server.ts'
import { private_key_pem } from '../jwt/jwt-application.ts'
import { coldStartBenchmarks } from './cold-start-results.ts'
import { type ColdStartRow, coldStartRows, type ScriptName, scripts } from './scripts.ts'

/** Measures processes that import each of our packages, and processes that also get their first token. */
export async function coldStart(settings: Settings): Promise<BenchmarkResult[]> {
  const server = await startTokenServer()
  const folder = await mkdtemp(path.join(tmpdir(), 'cold-start-'))
  try {
    const env = { ...process.env, PRIVATE_KEY: private_key_pem, FOLDER: folder }
    return await measureStarts(settings, server.endpoint, env)
  } finally {
    await rm(folder, { recursive: true })
    await server.close()
  }
}

async function measureStarts(
  settings: Settings,
  endpoint: string,
  env: NodeJS.ProcessEnv,
): Promise<BenchmarkResult[]> {
  const start = (script: string, ...args: string[]) =>
    timeProcess(fileURLToPath(new URL(`scripts/${script}.mjs`, import.meta.url)), args, env)
  // This also fills the file cache of the system.
  const checked = await runEachOnce((script) => start(script, endpoint))
  const candidate = (name: string, script: ScriptName | 'application', ...args: string[]): Candidate => ({
    name,
    role: 'other',
    packages: [],
    // A smoke run uses the time of the check.
    measure: async () => (settings.isSmoke ? (checked.get(script) ?? 0) : start(script, ...args)),
  })

  const empty = ['empty 1', 'empty 2', 'empty 3']
  const imported = namesOf(coldStartRows)
  const withToken = namesOf(coldStartRows.filter(({ hasToken }) => hasToken))
  const candidates = [
    ...imported.map((script) => candidate(`import ${script}`, script)),
    ...withToken.map((script) => candidate(`token ${script}`, script, endpoint)),
  ]
  // A script without packages at the start of each third of the round.
  const third = Math.ceil(candidates.length / empty.length)
  empty.forEach((name, index) => {
    candidates.splice(index * (third + 1), 0, candidate(name, 'application'))
  })

  const measured = await measureInRounds({ name: 'cold start', unit: 'ns', candidates }, settings)
  const values = new Map(measured.candidates.map(({ name, values }) => [name, values]))
  const valuesOf = (name: string) => values.get(name) ?? []
  return coldStartBenchmarks(coldStartRows, {
    empty: empty.map(valuesOf),
    imports: Object.fromEntries(imported.map((script) => [script, valuesOf(`import ${script}`)])),
    firstTokens: Object.fromEntries(withToken.map((script) => [script, valuesOf(`token ${script}`)])),
  })
}

/** Runs each script once, and returns the times by their names. Throws if a script fails. */
async function runEachOnce(start: (script: string) => Promise<number>): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const script of [...Object.keys(scripts), 'application']) times.set(script, await start(script))
  return times
}

function namesOf(rows: readonly ColdStartRow[]): ScriptName[] {
  return [...new Set(rows.flatMap(({ ours, others, baseline }) => [ours, ...others, baseline]))]
}
