import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { atATime } from '../../harness/at-a-time.ts'
import type { Contender, MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeProcess } from '../../harness/time-process.ts'
import { startServer } from '../../servers/start-server.ts'
import { private_key_pem } from '../jwt/signing-key.ts'
import { splitColdStarts } from './cold-start-results.ts'
import { type ColdRow, coldRows, type ScriptName, scripts } from './scripts.ts'

/** Starts a process for each of our packages, which imports it, and one which gets its first token, too. */
export async function coldStart(settings: Settings): Promise<MeasuredWork[]> {
  const server = await startServer('token-server')
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
): Promise<MeasuredWork[]> {
  const start = (script: string, ...args: string[]) =>
    timeProcess(fileURLToPath(new URL(`scripts/${script}.mjs`, import.meta.url)), args, env)
  // Before anything is measured, which also puts the files into the cache of the system.
  const checked = await checkAll((script) => start(script, endpoint))
  const contender = (name: string, script: ScriptName | 'application', ...args: string[]): Contender => ({
    name,
    role: 'peer',
    packages: [],
    // Once is enough to show that it runs.
    measure: async () => (settings.isSmoke ? (checked.get(script) ?? 0) : start(script, ...args)),
  })

  const nothings = ['nothing 1', 'nothing 2', 'nothing 3']
  const imported = namesOf(coldRows)
  const withToken = namesOf(coldRows.filter(({ hasToken }) => hasToken))
  const contenders = [
    ...imported.map((script) => contender(`import ${script}`, script)),
    ...withToken.map((script) => contender(`token ${script}`, script, endpoint)),
  ]
  // One at the beginning of each third.
  const third = Math.ceil(contenders.length / nothings.length)
  nothings.forEach((name, index) => {
    contenders.splice(index * (third + 1), 0, contender(name, 'application'))
  })

  const measured = await measureInRounds({ name: 'cold start', unit: 'ns', contenders }, settings)
  const values = new Map(measured.contenders.map(({ name, values }) => [name, values]))
  const valuesOf = (name: string) => values.get(name) ?? []
  return splitColdStarts(coldRows, {
    nothing: nothings.map(valuesOf),
    imported: Object.fromEntries(imported.map((script) => [script, valuesOf(`import ${script}`)])),
    withToken: Object.fromEntries(withToken.map((script) => [script, valuesOf(`token ${script}`)])),
  })
}

/** Runs each script once, as many at a time as there are processors: one that fails has not done its work. */
async function checkAll(start: (script: string) => Promise<number>): Promise<Map<string, number>> {
  const left = [...Object.keys(scripts), 'application']
  const took = new Map<string, number>()
  await atATime(left.length, availableParallelism(), async () => {
    const script = left.shift() ?? ''
    took.set(script, await start(script))
  })
  return took
}

function namesOf(rows: readonly ColdRow[]): ScriptName[] {
  return [...new Set(rows.flatMap(({ ours, peers, limit }) => [ours, ...peers, limit]))]
}
