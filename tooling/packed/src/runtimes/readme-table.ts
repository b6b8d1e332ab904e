import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../packages/repository.ts'

/** The capabilities of a runtime, as the tests found them. Missing capabilities are omitted. */
export interface Finding {
  /** The name of the runtime, with its version. */
  runtime: string
  signIn?: true
  /** The kinds of keys that it signs with, whether these are all kinds, and the flag that enables all kinds. */
  signing?: { kinds: readonly string[]; isAll: boolean; flag?: string }
  backend?: true
  memory?: true
  sqlite?: true
  /** `http` if only clients over HTTP run. */
  redis?: true | 'http'
  postgres?: true
  web?: true
  emulator?: true
  require?: true
}

interface Language {
  file: string
  heads: readonly string[]
  yes: string
  overHttp: string
  comma: string
  withFlag(kinds: string, flag: string): string
}

const languages: readonly Language[] = [
  {
    file: 'README.md',
    heads: [
      'runtime',
      'sign-in, refresh, sign-out',
      'signing',
      'back end',
      'sessions in memory',
      'in SQLite',
      'in Redis',
      'in PostgreSQL',
      'in the web store',
      'emulator',
      '`require()`',
    ],
    yes: 'yes',
    overHttp: 'over HTTP',
    comma: ', ',
    withFlag: (kinds, flag) => `${kinds}; all keys with \`${flag}\``,
  },
  {
    file: 'README.zh-CN.md',
    heads: [
      '运行环境',
      '登录、刷新、退出',
      '签名',
      '后端',
      '内存会话',
      'SQLite 会话',
      'Redis 会话',
      'PostgreSQL 会话',
      '浏览器会话',
      '模拟器',
      '`require()`',
    ],
    yes: '支持',
    overHttp: '通过 HTTP',
    comma: '、',
    withFlag: (kinds, flag) => `${kinds}；启用 \`${flag}\` 后支持所有密钥`,
  },
]

const [begin, end] = ['<!-- runtimes:begin -->', '<!-- runtimes:end -->']

/** The table in a document, and the table that the findings require. */
export interface DocumentedTable {
  file: string
  actual: string
  expected: string
}

// Their versions differ between machines.
const browserVersions = [/Chromium \d+/, /Firefox \d+/, /WebKitGTK [\d.]*/]

/** Returns the table of the findings for each README. The versions of browsers are taken from the README. */
export function documentedTables(findings: readonly Finding[]): DocumentedTable[] {
  return languages
    .filter(({ file }) => existsSync(path.join(repository, file)))
    .map((language) => {
      const { file } = language
      const actual = between(readFileSync(path.join(repository, file), 'utf8'), file)
      const expected = browserVersions.reduce(
        (table, pattern) => {
          const [version] = pattern.exec(actual) ?? []
          return version ? table.replace(pattern, version) : table
        },
        tableOf(findings, language),
      )
      return { file, actual, expected }
    })
}

/** Writes the table of the findings into each README. */
export function writeTables(findings: readonly Finding[]): void {
  for (const language of languages) {
    const file = path.join(repository, language.file)
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    const old = between(text, language.file)
    writeFileSync(
      file,
      text.replace(begin + old + end, () => begin + tableOf(findings, language) + end),
    )
  }
}

function between(text: string, file: string): string {
  const found = text.split(begin)[1]?.split(end)
  if (found?.length !== 2) throw new Error(`${file} must contain the lines ${begin} and ${end} once`)
  return found[0] ?? ''
}

function tableOf(findings: readonly Finding[], language: Language): string {
  const { heads, yes, overHttp, comma, withFlag } = language
  const signing = ({ signing }: Finding) => {
    if (!signing || signing.kinds.length === 0) return '—'
    const kinds = signing.kinds.join(comma)
    return signing.isAll ? yes : signing.flag ? withFlag(kinds, signing.flag) : kinds
  }
  const rows = findings.map((found) => [
    found.runtime,
    found.signIn ? yes : '—',
    signing(found),
    ...(['backend', 'memory', 'sqlite', 'redis', 'postgres', 'web', 'emulator', 'require'] as const).map(
      (name) => (found[name] === 'http' ? overHttp : found[name] ? yes : '—'),
    ),
  ])
  const lines = [heads, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  lines.splice(1, 0, `|${heads.map(() => '---|').join('')}`)
  return `\n${lines.join('\n')}\n`
}
