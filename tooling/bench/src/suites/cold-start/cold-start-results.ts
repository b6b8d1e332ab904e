import type { MeasuredContender, MeasuredWork, Role, Target } from '../../harness/benchmark.ts'
import { netOf } from '../../harness/net-of.ts'
import { type ColdRow, type ScriptName, scripts } from './scripts.ts'

/** What scripts took in the same rounds, by their names. */
export interface ColdStarts {
  /** One that imports nothing, several times in each round. */
  nothing: readonly (readonly number[])[]
  imported: Readonly<Partial<Record<ScriptName, readonly number[]>>>
  withToken: Readonly<Partial<Record<ScriptName, readonly number[]>>>
}

/** Makes works of them: for each of ours the import alone, without what Node.js itself takes, and the whole process. */
export function splitColdStarts(rows: readonly ColdRow[], starts: ColdStarts): MeasuredWork[] {
  return rows.flatMap((row) => {
    const { name } = scripts[row.ours]
    const imports = workOf(row, `import of ${name}, cold, net of Node's own start`, (script) =>
      netOf(starts.imported[script] ?? [], starts.nothing),
    )
    const targets: Target[] =
      row.ours === 'auth-jwt' ? [{ of: name, against: scripts[row.limit].name, atMost: 1.15 }] : []
    const token = `first token with ${name}, cold, the whole process`
    return [
      { ...imports, targets },
      ...(row.hasToken ? [workOf(row, token, (script) => starts.withToken[script] ?? [])] : []),
    ]
  })
}

function workOf(
  { ours, peers, limit }: ColdRow,
  name: string,
  valuesOf: (script: ScriptName) => readonly number[],
): MeasuredWork {
  const contender = (script: ScriptName, role: Role): MeasuredContender => {
    return { ...scripts[script], role, values: valuesOf(script) }
  }
  const contenders = [
    contender(ours, 'ours'),
    ...peers.map((peer) => contender(peer, 'peer')),
    contender(limit, 'limit'),
  ]
  return { name, unit: 'ns', contenders, targets: [] }
}
