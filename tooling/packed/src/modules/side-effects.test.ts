import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript6'
import { describe, expect, it } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { runNode } from '../packages/run-node.ts'
import { listTarball } from '../packages/tarball.ts'

/*
 * `sideEffects: false` lets bundlers drop each module that has no used exports. So a module must do nothing while it
 * loads except create its own values.
 */
const packages = publishedPackages()
const consumer = createConsumer()
const observer = path.join(import.meta.dirname, 'observe-import.ts')

/** Returns how each module changes a process that loads them one after the other. */
async function effectsOf(sources: readonly string[], condition = 'node'): Promise<Record<string, string[]>> {
  const addresses = sources.map((source) => {
    const file = path.join(consumer, `${crypto.randomUUID()}.mjs`)
    writeFileSync(file, source)
    return pathToFileURL(file).href
  })
  const flags = ['--permission', '--allow-fs-read=*', `--conditions=${condition}`]
  const { code, stdout, stderr } = await runNode([...flags, observer, ...addresses])
  expect(code, stderr).toBe(0)
  const observed = JSON.parse(stdout)
  return Object.fromEntries(sources.map((source, index) => [source, observed[addresses[index] ?? '']]))
}

it.each(['node', 'browser'])(
  'an import of a package does not change the process, under the condition %s',
  async (condition) => {
    const imports = packages.flatMap(({ entries }) => entries.map((entry) => `import '${entry}'`))
    expect(imports).toContain("import '@pds/session/testing'")
    const effects = await effectsOf(imports, condition)
    expect(effects).toEqual(Object.fromEntries(imports.map((source) => [source, []])))
  },
)

it('the test detects each way in which a module can change the process', async () => {
  const effects: Record<string, string> = {
    'globalThis.pds = 1': 'changes globalThis.pds',
    'Array.prototype.last = 1': 'changes globalThis.Array.prototype.last',
    'Object.setPrototypeOf(Math, {})': 'changes globalThis.Math.[prototype]',
    'delete globalThis.fetch': 'changes globalThis.fetch',
    "process.env.PDS = '1'": 'changes process.env.PDS',
    "process.on('exit', () => {})": 'calls process.on',
    'setInterval(() => {}, 1000)': 'calls setInterval',
    'console.debug()': 'calls console.debug',
    'globalThis.localStorage': 'reads localStorage',
    "import fs from 'node:fs'; fs.writeFileSync('pds.txt', '')": 'fails with Error: Access to this API',
  }
  const expected = Object.entries(effects).map(([source, effect]) => [
    source,
    expect.arrayContaining([expect.stringContaining(effect)]),
  ])
  expect(await effectsOf(Object.keys(effects))).toEqual(Object.fromEntries(expected))
})

// Functions that a module may call while it loads, because they only create a value. The test of the globals would miss
// a call that changes another module.
const constructors = [
  'new Set',
  'new TextDecoder',
  'new WeakMap',
  'new WeakSet',
  'Object.freeze',
  'Symbol',
  'Symbol.for',
]
const factories = ['createContext', 'oneOf', 'languageDetector']

// The command line is no module that others import.
const modulesOf = packages.filter(({ entries }) => entries.length > 0)

describe.each(modulesOf)('the modules of $name', ({ installed, tarball }) => {
  it('only declare at their top level, and call only functions that create a value', () => {
    const modules = listTarball(tarball).filter(
      (file) => /^dist\/.*\.js$/.test(file) && file !== 'dist/bin.js',
    )
    expect(modules).toContain('dist/index.js')
    const found = modules.flatMap((file) =>
      topLevelWork(readFileSync(path.join(installed, file), 'utf8'))
        .filter((work) => ![...constructors, ...factories].includes(work))
        .map((work) => `${file}: ${work}`),
    )
    expect(found).toEqual([])
  })
})

it.each([
  ['listeners.push(1)', ['listeners.push(1)']],
  ['const a = register(1)', ['register']],
  ['class A { static b = register(1); c = unseen() }', ['register']],
  ['export const a = [new Set(), () => unseen()]', ['new Set']],
  ['if (a) b = 1', ['if (a) b = 1']],
  ['const a = (b.c = 1)', ['b.c = 1']],
  ['const a = b.c++', ['b.c++']],
  ['const a = delete b.c', ['delete b.c']],
  ['const a = await b', ['await b']],
  ['const a = html`<p>`', ['html`<p>`']],
  ['class A { static { b.c = new A() } }', ['b.c = new A()', 'new A']],
])('the test finds the work at the top level of "%s"', (source, work) => {
  expect(topLevelWork(source)).toEqual(work)
})

/** Returns the statements of a module that are not declarations, and the calls and changes in its declarations. */
function topLevelWork(source: string): string[] {
  const file = ts.createSourceFile('module.js', source, ts.ScriptTarget.ES2022, true)
  return file.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return []
    // A directive, such as 'use client'.
    if (ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression)) return []
    const declares = [ts.isFunctionDeclaration, ts.isClassDeclaration, ts.isVariableStatement]
    return declares.some((is) => is(statement)) ? callsIn(statement) : [statement.getText()]
  })
}

function callsIn(node: ts.Node): string[] {
  if (ts.isFunctionLike(node)) return []
  if (ts.isPropertyDeclaration(node) && !isStatic(node)) return []
  const inner: string[] = []
  ts.forEachChild(node, (child) => void inner.push(...callsIn(child)))
  if (ts.isCallExpression(node)) return [node.expression.getText(), ...inner]
  if (ts.isNewExpression(node)) return [`new ${node.expression.getText()}`, ...inner]
  return changes(node) ? [node.getText(), ...inner] : inner
}

function changes(node: ts.Node): boolean {
  if (ts.isDeleteExpression(node) || ts.isAwaitExpression(node) || ts.isTaggedTemplateExpression(node))
    return true
  if (ts.isPostfixUnaryExpression(node)) return true
  const { PlusPlusToken, MinusMinusToken, FirstAssignment, LastAssignment } = ts.SyntaxKind
  if (ts.isPrefixUnaryExpression(node)) return [PlusPlusToken, MinusMinusToken].includes(node.operator)
  const operator = ts.isBinaryExpression(node) ? node.operatorToken.kind : undefined
  return operator !== undefined && operator >= FirstAssignment && operator <= LastAssignment
}

function isStatic(node: ts.PropertyDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false
}
