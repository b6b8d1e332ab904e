import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inflateSync } from 'node:zlib'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'

const docs = fileURLToPath(new URL('../..', import.meta.url))
const api = path.join(docs, 'api')
const pages = globSync('**/*.html', { cwd: api })
const packages = globSync('../packages/*/package.json', { cwd: docs })

describe('the API reference', () => {
  it.each(packages)('has a page for each export of %s, and for nothing else', (file) => {
    const { name, exports } = JSON.parse(readFileSync(path.join(docs, file), 'utf8'))
    const page = name.replaceAll(/[@/]/g, '_')
    const entries = Object.entries<{ types?: string }>(exports).filter(
      // `internal` is for our other packages.
      ([entry, { types }]) => types && entry !== './internal',
    )
    const exported = entries.flatMap(([entry, { types = '' }]) =>
      exportsOf(path.resolve(docs, file, '..', types)).map((symbol) => [page, entry.slice(2), symbol]),
    )
    const kinds = '{classes,functions,interfaces,types,variables}'
    const documented = globSync(`${kinds}/${page}.*.html`, { cwd: api })
    expect(documented.map((found) => path.basename(found)).sort()).toEqual(
      exported.map((parts) => `${parts.filter(Boolean).join('.')}.html`).sort(),
    )
    expect(pages).toContain(`modules/${page}.html`)
  })

  it('finds each of its pages', () => {
    const [, data = ''] = /"(.*)"/.exec(readPage('assets/search.js')) ?? []
    const { rows } = JSON.parse(inflateSync(Buffer.from(data, 'base64')).toString())
    const found = rows.map(({ url }: { url: string }) => url)
    // The first page, and the lists of all that is on the others.
    const lists = ['hierarchy.html', 'index.html', 'modules.html']
    expect(found).toEqual(expect.arrayContaining(pages.filter((page) => !lists.includes(page))))
  })

  it('begins with the packages, each with its own words', () => {
    const page = readFileSync(path.join(docs, 'typedoc-front-page.md'), 'utf8')
    const rows = [...page.matchAll(/^\| \[`(.+)`]\((.+)\) \| (.+) \|$/gm)].map((row) => row.slice(1, 4))
    const expected = packages.map((file) => {
      const { name, description } = JSON.parse(readFileSync(path.join(docs, file), 'utf8'))
      return [name, path.dirname(file), description]
    })
    expect(rows.sort()).toEqual(expected.sort())
  })

  it('leads to its own pages, and loads nothing from elsewhere', () => {
    const dead = pages.flatMap((page) => referencesOf(page).filter((reference) => !isAlive(page, reference)))
    expect(pages.length).toBeGreaterThan(packages.length)
    expect(dead).toEqual([])
  })

  it('says nothing of the machine that it was made on', () => {
    const telling = pages.filter((page) => {
      const text = readPage(page)
      return text.includes(path.resolve(docs, '..')) || text.includes('Defined in')
    })
    expect(telling).toEqual([])
  })
})

describe('the build of the API reference', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-reference-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('fails where an export or a member of it is not', async () => {
    const source = `
      export function aFunction(): void {}
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
      'aFunction',
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

  it('finds fault with nothing else than a link that leads nowhere, where everything is documented', async () => {
    const source = `
      /** A reading. */
      export interface Reading {
        /** What is read: see {@link nowhere}. */
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

/** The names that an index file of declarations exports; each of them is written out there. */
function exportsOf(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return statements.flatMap((statement) => {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined
    if (!clause || !ts.isNamedExports(clause)) throw new Error(`${file} has more than named exports`)
    return clause.elements.map(({ name }) => name.text)
  })
}

interface Reference {
  page: string
  attribute: string
  address: string
}

function referencesOf(page: string): Reference[] {
  return [...readPage(page).matchAll(/<[^<>]*?\s(href|src)="([^"]*)"/g)].map(([tag, name, address = '']) => ({
    page,
    attribute: `${/^<(\w+)/.exec(tag)?.[1]} ${name}`,
    address,
  }))
}

function isAlive(page: string, { attribute, address }: Reference): boolean {
  // What the reader may follow, and nothing that the page loads by itself.
  if (/^https:\/\//.test(address)) return attribute === 'a href'
  const [file = '', anchor = ''] = address.split('#').map(decodeURIComponent)
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
  const content = readPage(target)
  return content !== '' && (anchor === '' || content.includes(` id="${anchor}"`))
}

const read = new Map<string, string>()

/** A file of the reference; empty where there is none. */
function readPage(page: string): string {
  const known = read.get(page)
  if (known !== undefined) return known
  const [found] = globSync(page, { cwd: api })
  const text = found === undefined ? '' : readFileSync(path.join(api, found), 'utf8')
  read.set(page, text)
  return text
}

/** Checks the documentation of a package of one file with the settings of the reference. */
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
