import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { stateDiagram } from './state-diagram.ts'

it.each([
  ['en', 'docs/charts/session-states.svg'],
  ['zh', 'docs/zh/charts/session-states.svg'],
] as const)('the diagram in %s is up to date', (language, file) => {
  const [diagram, target] = [stateDiagram(language), path.join(repository, file)]
  if (process.env.PDS_WRITE_TABLES) writeFileSync(target, diagram)
  else
    expect(readFileSync(target, 'utf8'), 'PDS_WRITE_TABLES=1 pnpm unit --project docs updates it').toBe(
      diagram,
    )
})
