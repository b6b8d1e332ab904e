import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readTokens } from './read-tokens.ts'
import { writtenFiles } from './written-files.ts'

const repository = new URL('../../../', import.meta.url)

describe.each([...writtenFiles()])('%s', (file, content) => {
  it('is up to date', () => {
    const current = readFileSync(new URL(file, repository), 'utf8')
    expect(current, 'run: node tooling/look/write-tokens.mjs').toBe(content)
  })

  it('contains nothing that ends its text early or that older browsers ignore', () => {
    expect(content.split('`')).toHaveLength(3)
    expect(content).not.toMatch(/\$\{|\\|light-dark/)
  })
})

it('finds every variable that the shared style uses', () => {
  const base = readFileSync(new URL('../base.css', import.meta.url), 'utf8')
  const names = readTokens().map(({ name }) => name)
  const used = [...base.matchAll(/var\(--([\w-]+)/g)].map(([, name]) => name)
  expect(used.filter((name) => !names.includes(name ?? ''))).toEqual([])
})
