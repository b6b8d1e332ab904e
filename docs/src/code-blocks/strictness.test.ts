import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocks } from '../documents/code-blocks.ts'
import { documents, readDocument, repository } from '../documents/documents.ts'
import { examplesIn } from '../editor/language-service.ts'
import { strictnessProblems } from './strictness-problems.ts'

/* A reader copies the samples. So no sample may replace a missing setting by an empty string, or silence the compiler. */

const find = (pattern: string) =>
  globSync(pattern, { cwd: repository, exclude: (file) => /(^|[\\/])node_modules$/.test(file) }).map((file) =>
    file.replaceAll(path.sep, '/'),
  )
const read = (file: string) => readFileSync(path.join(repository, file), 'utf8')

const samples: [file: string, programs: string[]][] = [
  ...documents.map((document): [string, string[]] => {
    const blocks = codeBlocks(document, readDocument(document))
    return [document, blocks.filter(({ language }) => /^[tj]sx?$/.test(language)).map(({ code }) => code)]
  }),
  ...find('docs/examples/**/*.{ts,tsx}').map((file): [string, string[]] => [file, [read(file)]]),
  ...find('packages/*/src/**/*.ts')
    .filter((file) => !file.includes('.test'))
    .map((file): [string, string[]] => [
      file,
      examplesIn(path.join(repository, file)).map(({ code }) => code),
    ]),
]

it.each(samples.filter(([, programs]) => programs.length > 0))('%s hides no mistake', (_file, programs) => {
  expect(programs.flatMap(strictnessProblems)).toEqual([])
})

describe('strictnessProblems', () => {
  it.each([
    ["const { A: a = '' } = process.env", "A: a = ''"],
    ["const { A = '' } = import.meta.env", "A = ''"],
    ['const { A = `` } = env', 'A = ``'],
    ["const { id = '' } = document.body.dataset", "id = ''"],
    ["const key = process.env.A ?? ''", "process.env.A ?? ''"],
    ["use(env.A || '')", "env.A || ''"],
    ['use(process.env.A!)', 'process.env.A!'],
    ['use(process.env.A as string)', 'process.env.A as string'],
    ['use(token as any)', 'token as any'],
    ['// @ts-expect-error\nuse(undefined)', '@ts-expect-error'],
  ])('finds the problem of %j', (code, problem) => {
    expect(strictnessProblems(code)).toEqual([problem])
  })

  it.each([
    "const { PORT = '3000' } = process.env",
    "const { message: text = '' } = event",
    "const name = user?.name ?? ''",
    'const body = (await response.json()) as Metadata',
    "const env = fromEnv()\nuse(env.app)\nif (!a) throw new Error('')",
  ])('finds no problem in %j', (code) => {
    expect(strictnessProblems(code)).toEqual([])
  })
})
