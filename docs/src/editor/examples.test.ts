import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { errorsOf, examplesIn, startLanguageService } from './language-service.ts'

/*
 * The `@example` blocks of the packages: each is a module that compiles against what was built.
 */

const packages = path.join(import.meta.dirname, '../../../packages')
const sources = globSync('*/src/**/*.ts', { cwd: packages }).filter((file) => !/\.test/.test(file))
const examples = sources.flatMap((file) =>
  examplesIn(path.join(packages, file)).map((example, index) => ({
    ...example,
    title: `${example.name} in ${file}`,
    file: `example-${file.replaceAll(/\W+/g, '-')}-${index}.ts`,
  })),
)
const service = startLanguageService(
  Object.fromEntries(examples.map(({ file, code }) => [file, `${code}\nexport {}`])),
)

it.each(examples)('the example of $title compiles', ({ file }) => {
  expect(errorsOf(service, file)).toEqual([])
})
