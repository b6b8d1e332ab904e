import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { errorsOf, examplesIn, startLanguageService, withoutExample } from './language-service.ts'

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

/** What users import. The entry `internal` of core is for the other packages. */
const entries = globSync('*/package.json', { cwd: packages }).flatMap((file) => {
  const { name, exports } = JSON.parse(readFileSync(path.join(packages, file), 'utf8'))
  const subpaths = Object.keys(exports).filter((each) => !['./internal', './package.json'].includes(each))
  return subpaths.map((each) => path.posix.join(name, each))
})
const imports = startLanguageService({ 'imports.ts': entries.map((entry) => `import '${entry}'`).join('\n') })

it.each(entries)('each function and class of %s has an example', (entry) => {
  expect(withoutExample(imports, 'imports.ts', entry)).toEqual([])
})

it.each(examples)('the example of $title compiles', ({ file }) => {
  expect(errorsOf(service, file)).toEqual([])
})
