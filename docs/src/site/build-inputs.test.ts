import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { filesOf } from './source-text.ts'
import { linkedSources, pageDocuments } from './stage-pages.ts'

it('the build of the site has each file that a page shows among its inputs', () => {
  const turbo = path.join(repository, 'node_modules/.bin/turbo')
  const output = execFileSync(turbo, ['run', 'build', '--filter=docs', '--dry=json'], {
    cwd: repository,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  })
  const task = JSON.parse(output).tasks.find(({ taskId }: { taskId: string }) => taskId === 'docs#build')
  const inputs = new Set(Object.keys(task.inputs).map((file) => path.posix.join('docs', file)))
  // The build writes the API reference.
  const documents = [...pageDocuments().values()].filter((document) => !document.startsWith('docs/api/'))
  const shown = [...documents, ...[...linkedSources(documents)].flatMap(filesOf)]
  const missing = shown.filter((file) => !inputs.has(file))
  expect(missing, 'add these files to the inputs in docs/turbo.json').toEqual([])
  expect(shown).toContain('tooling/run.mjs')
})
