import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { builtPages } from '../site/built-pages.ts'
import { readSearchIndex } from '../site/search-index.ts'

/* site.slow.test.ts checks the links of all pages, and what they load. */

const docs = fileURLToPath(new URL('../..', import.meta.url))
const pages = builtPages().filter(({ address }) => address.startsWith('/api/'))
const packages = globSync('../packages/*/package.json', { cwd: docs })

describe('the API reference', () => {
  it.each(packages)('has pages for exactly the exports of %s', (file) => {
    const { name, exports } = JSON.parse(readFileSync(path.join(docs, file), 'utf8'))
    const folder = `/api/${name.replace('@pds/', '')}/`
    // Two entries of core are not documented: `internal` is for the other packages alone, and `fetch` has the exports of
    // the main entry.
    const entries = Object.entries<{ types?: string }>(exports).filter(
      ([entry, { types }]) => types && !['./internal', './fetch'].includes(entry),
    )
    const exported = entries.flatMap(([entry, { types = '' }]) =>
      exportsOf(path.resolve(docs, file, '..', types)).map((symbol) => path.posix.join(entry, symbol)),
    )
    const kinds = /(classes|functions|interfaces|type-aliases|variables)\//
    const documented = pages.filter(({ address }) => address.startsWith(folder) && kinds.test(address))
    expect(documented.map(({ address }) => address.slice(folder.length).replace(kinds, '')).sort()).toEqual(
      exported.sort(),
    )
    // The command line has no module.
    if (Object.keys(exports).length > 1) expect(pages.map(({ address }) => address)).toContain(folder)
  })

  it('finds every export with the search', async () => {
    const index = await readSearchIndex('root')
    const missing = pages
      .filter(({ address }) => /\/[a-z-]+\/\w+$/.test(address))
      .filter(({ address }) => {
        const results = index.search(path.posix.basename(address), { prefix: true })
        return !results.some(({ id }) => id === address)
      })
    expect(missing.map(({ address }) => address)).toEqual([])
  })

  it('lists each package on the front page with the description of its package.json', () => {
    const page = readFileSync(path.join(docs, 'typedoc-front-page.md'), 'utf8')
    const rows = [...page.matchAll(/^\| \[`(.+)`]\((.+)\) \| (.+) \|$/gm)].map((row) => row.slice(1, 4))
    const expected = packages.map((file) => {
      const { name, description } = JSON.parse(readFileSync(path.join(docs, file), 'utf8'))
      // The command line has no page, so its row leads to its README.
      const folder = path.dirname(file)
      return [name, name === '@pds/cli' ? `${folder}/README.md` : folder, description]
    })
    expect(rows.sort()).toEqual(expected.sort())
  })

  it('leads from the front page to the modules', () => {
    const front = pages.find(({ address }) => address === '/api/')
    const links = front?.references.map(({ address }) => address)
    expect(links).toEqual(expect.arrayContaining(['/api/core/', '/api/session/', '/packages/cli']))
  })

  it('names no source file', () => {
    expect(pages.filter(({ html }) => html.includes('Defined in')).map(({ address }) => address)).toEqual([])
  })
})

describe('the build of the API reference', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-reference-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('fails if an export or a member of an export has no documentation', async () => {
    const source = `
      export function functionOption(): void {}
      export const aVariable: number = 1
      export type AType = number
      export interface AnInterface {
        field: number
        method(): void
        /** Parts. */
        parts: { part: number }
      }
      /** A class. */
      export class AClass {
        property: number = 1
        get accessor(): number { return 1 }
        constructor(readonly hidden: Hidden) {}
      }
      interface Hidden {}
    `
    const { code, warnings } = await buildReference(path.join(folder, 'undocumented'), source)
    expect(code).not.toBe(0)
    for (const name of [
      'functionOption',
      'aVariable',
      'AType',
      'AnInterface (Interface)',
      'AnInterface.field',
      'AnInterface.method',
      'AnInterface.parts.__type.part',
      'AClass.property',
      'AClass.accessor',
      'AClass.constructor',
      'Hidden, ',
    ]) {
      expect(warnings).toContainEqual(expect.stringContaining(` ${name}`))
    }
  })

  it('reports only a broken link if every export is documented', async () => {
    const source = `
      /** A reading. */
      export interface Reading {
        /** The value: see {@link nowhere}. */
        value: number
      }
      /** Reads. */
      export function read(): Reading { return { value: 1 } }
    `
    const { code, warnings } = await buildReference(path.join(folder, 'documented'), source)
    expect(code).not.toBe(0)
    expect(warnings).toEqual([
      expect.stringContaining('nowhere'),
      expect.stringContaining('Found 0 errors and 1 warnings'),
    ])
  })
})

/** Returns the names that a declaration file exports. The file must contain only named exports. */
function exportsOf(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return statements.flatMap((statement) => {
    // An entry may declare its exports itself.
    const { name, modifiers = [] } = statement as ts.FunctionDeclaration | ts.InterfaceDeclaration
    if (name) return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ? [name.text] : []
    if (ts.isImportDeclaration(statement)) return []
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined
    if (!clause || !ts.isNamedExports(clause)) throw new Error(`${file} has more than named exports`)
    return clause.elements.map(({ name }) => name.text)
  })
}

/** Builds the reference of a package with one source file, with the same settings as the real reference. */
async function buildReference(
  folder: string,
  source: string,
): Promise<{ code: number | string | null | undefined; warnings: string[] }> {
  const files = {
    'package.json': { name: 'fixture', type: 'module', exports: { '.': { types: './dist/index.d.ts' } } },
    'tsconfig.build.json': {
      compilerOptions: { rootDir: 'src', outDir: 'dist', module: 'nodenext', types: [] },
      include: ['src'],
    },
  }
  mkdirSync(path.join(folder, 'src'), { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), JSON.stringify(content))
  }
  writeFileSync(path.join(folder, 'src/index.ts'), source)
  const typedoc = path.join(docs, 'node_modules/typedoc/bin/typedoc')
  const options = ['--entryPoints', folder, '--readme', 'none', '--emit', 'none', '--logLevel', 'Warn']
  const run = promisify(execFile)(process.execPath, [typedoc, ...options], { cwd: docs })
  const { code, stdout, stderr } = await run.then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code, warnings: (stdout + stderr).split('\n').filter((line) => /\[warning]|\[error]/.test(line)) }
}
