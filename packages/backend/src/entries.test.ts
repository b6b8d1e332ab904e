import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const dist = path.resolve(import.meta.dirname, '../dist')

/** Returns the packages and built-in modules that a built file imports, also through other files of the package. */
function importsOf(file: string, seen: Set<string> = new Set()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const code = readFileSync(path.join(dist, file), 'utf8').replace(/^\s*(\*|\/\*).*$/gm, '')
  for (const [, name = ''] of code.matchAll(/(?:\bfrom|\bimport) ?\(?["']([^"']+)["']/g)) {
    if (!name.startsWith('.')) packages.add(name)
    // The declarations name the sources.
    else for (const each of importsOf(toBuiltFile(file, name), seen)) packages.add(each)
  }
  return packages
}

function toBuiltFile(file: string, name: string): string {
  const target = path.join(path.dirname(file), name)
  return file.endsWith('.d.ts') ? target.replace(/(?<!\.d)\.(ts|js)$/, '.d.ts') : target
}

/** What only some users have installed, or some runtimes have. */
const optional = /^(node:|@remix-run\/|(express|fastify|hono|next)(\/|$))/

describe('an entry', () => {
  it.each([
    ['index', []],
    ['page', []],
    ['hono', []],
    ['next', []],
    ['express', ['@remix-run/node-fetch-server']],
    ['fastify', ['@remix-run/node-fetch-server']],
    ['node', ['@remix-run/node-fetch-server']],
  ])('loads no framework: %s', (entry, expected) => {
    expect([...importsOf(`${entry}.js`)].filter((name) => optional.test(name))).toEqual(expected)
  })

  it.each([
    ['index', []],
    ['page', []],
    ['hono', ['hono']],
    ['next', []],
    ['express', ['express']],
    ['fastify', ['fastify']],
    ['node', ['node:http', 'node:http2']],
  ])('needs the types of at most its own framework: %s', (entry, expected) => {
    const names = [...importsOf(`${entry}.d.ts`)].filter((name) => optional.test(name))
    expect(names.sort()).toEqual(expected)
  })
})
