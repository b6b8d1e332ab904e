import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../packages/repository.ts'

/** What was found of a runtime. A capability that it has not is left out. */
export interface Finding {
  /** With its version. */
  runtime: string
  signIn?: true
  /** The kinds of keys that it signs with, and whether it takes all of them with a flag: else with none. */
  signing?: { kinds: readonly string[]; isAll: boolean; flag?: string }
  memory?: true
  sqlite?: true
  redis?: true
  web?: true
  emulator?: true
  require?: true
}

interface Language {
  file: string
  heads: readonly string[]
  yes: string
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
      'sessions in memory',
      'in SQLite',
      'in Redis',
      'in the web store',
      'emulator',
      '`require()`',
    ],
    yes: 'yes',
    comma: ', ',
    withFlag: (kinds, flag) => `${kinds}; all keys with \`${flag}\``,
  },
  {
    file: 'README.zh-CN.md',
    heads: [
      '运行环境',
      '登录、刷新、退出',
      '签名',
      '内存会话',
      'SQLite 会话',
      'Redis 会话',
      '浏览器会话',
      '模拟器',
      '`require()`',
    ],
    yes: '支持',
    comma: '、',
    withFlag: (kinds, flag) => `${kinds}；启用 \`${flag}\` 后支持所有密钥`,
  },
]

const [begin, end] = ['<!-- runtimes:begin -->', '<!-- runtimes:end -->']

/** A table as it stands in a document, and as it must stand there. */
export interface DocumentedTable {
  file: string
  is: string
  must: string
}

/**
 * The table of what was found, in each document that has a place for it. The version of Chromium is the document's: it
 * is another one on each machine.
 */
export function documentedTables(findings: readonly Finding[]): DocumentedTable[] {
  return languages
    .filter(({ file }) => existsSync(path.join(repository, file)))
    .map((language) => {
      const { file } = language
      const is = between(readFileSync(path.join(repository, file), 'utf8'), file)
      const [version] = /Chromium \d+/.exec(is) ?? []
      const table = tableOf(findings, language)
      return { file, is, must: version ? table.replace(/Chromium \d+/, version) : table }
    })
}

/** Puts the table of what was found into each document. */
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
  if (found?.length !== 2) throw new Error(`${file} needs the lines ${begin} and ${end}, once each`)
  return found[0] ?? ''
}

function tableOf(findings: readonly Finding[], language: Language): string {
  const { heads, yes, comma, withFlag } = language
  const signing = ({ signing }: Finding) => {
    if (!signing || signing.kinds.length === 0) return '—'
    const kinds = signing.kinds.join(comma)
    return signing.isAll ? yes : signing.flag ? withFlag(kinds, signing.flag) : kinds
  }
  const rows = findings.map((found) => [
    found.runtime,
    found.signIn ? yes : '—',
    signing(found),
    ...(['memory', 'sqlite', 'redis', 'web', 'emulator', 'require'] as const).map((name) =>
      found[name] ? yes : '—',
    ),
  ])
  const lines = [heads, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  lines.splice(1, 0, `|${heads.map(() => '---|').join('')}`)
  return `\n${lines.join('\n')}\n`
}
