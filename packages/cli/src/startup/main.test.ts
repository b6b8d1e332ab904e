import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commandTable } from '../commands/command-table.ts'
import { main } from './main.ts'

/* The help, and wrong arguments. */

let stdout: string
let stderr: string

beforeEach(() => {
  stdout = ''
  stderr = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text
    return true
  })
  vi.stubEnv('PDS_LANG', 'en')
  vi.stubEnv('NO_COLOR', '1')
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const run = (...args: string[]) =>
  main(['node', 'pds', ...args], new URL('../../package.json', import.meta.url))
const names = commandTable.map(({ name }) => name)

describe.each([
  ['en', 'Examples:', 'show this help', 'Usage:'],
  ['zh', '示例：', '显示帮助', '用法：'],
])('the help in %s', (language, examples, help, usage) => {
  beforeEach(() => vi.stubEnv('PDS_LANG', language))

  it.each(names)('of pds %s has examples', async (name) => {
    expect(await run(name, '--help')).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toContain(`${usage} pds ${name}`)
    expect(stdout).toContain(`\n${examples}\n  `)
    expect(stdout).toContain(help)
    const { text, options = [] } = commandTable.find((spec) => spec.name === name) ?? {}
    expect(stdout).toContain(text?.[language as 'en'])
    for (const option of options) expect(stdout).toContain(`--${option.name}`)
    const shown = stdout
    stdout = ''
    expect(await run('help', name)).toBe(0)
    expect(stdout).toBe(shown)
  })

  it('lists all commands', async () => {
    expect(await run('--help')).toBe(0)
    for (const name of names) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  })
})

it('writes the version', async () => {
  expect(await run('--version')).toBe(0)
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it.each([
  [[], 'A command is missing.'],
  [['tokn'], 'There is no command tokn. Did you mean token?'],
  [['help', 'nope'], 'There is no command nope. Run:'],
  [['status', '--profil', 'a'], 'There is no option --profil. Did you mean --profile?'],
  [['status', '--profile'], 'needs a value.'],
  [['status', 'extra'], 'There are too many arguments.'],
  [['api'], 'The argument path is missing.'],
  [['keygen', '--bits', '1024'], 'is invalid. Use one of: 2048, 3072, 4096. Run:'],
])('pds %j exits with 2 and explains it in both languages', async (args, text) => {
  expect(await run(...args)).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(text)
  expect(stderr).toContain('Run: pds --help')
  stderr = ''
  vi.stubEnv('PDS_LANG', 'zh')
  expect(await run(...args)).toBe(2)
  expect(stderr).toContain('请运行：pds --help')
  expect(stderr).not.toMatch(/There|missing/)
})

it('explains wrong arguments as JSON with --json, unless that belongs to the command of pds run', async () => {
  expect(await run('status', '--nope', '--json')).toBe(2)
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'Usage' })
  stderr = ''
  expect(await run('run', '--nope', '--', 'job', '--json')).toBe(2)
  expect(stderr).toMatch(/^pds: There is no option --nope/)
})
