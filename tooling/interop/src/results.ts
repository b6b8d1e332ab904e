import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

/* docs/interoperability.md contains a table of the clients and one of the servers. The tests produce their rows. */

const page = new URL('../../../docs/interoperability.md', import.meta.url)

/** The last columns of each table: the flows. */
const flowsOf = {
  clients: ['sign-in', 'refresh', 'revocation', 'forged state'],
  servers: ['sign-in', 'refresh', 'session', 'sign-out', 'forged `iss`'],
} as const

type Table = keyof typeof flowsOf

/** A flow that the tests go through. */
type Flow<T extends Table> = (typeof flowsOf)[T][number]

/** How an application authenticates at the token endpoint (RFC 7591 section 2). */
export type AuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post'

/** The description of a client or a server in its table. */
export interface Subject<T extends Table> {
  /** The name of its package on npm. */
  name: string
  /** The package that it is a plugin of. */
  host?: string
  /** The settings that differ from its defaults, as Markdown. */
  settings: string
  /** The methods of client authentication that it supports. Each flow is tested with each of them. */
  auths: readonly AuthMethod[]
  /** Why a flow does not apply to it, as Markdown. A test must show the reason. */
  lacks: Partial<Record<Flow<T>, string>>
}

/** The results of the tests in one runtime. */
export class Results<T extends Table> {
  readonly #passed = new Set<string>()
  readonly #table: T
  readonly #runtime: string
  readonly #subjects: readonly Subject<T>[]

  constructor(table: T, runtime: string, subjects: readonly Subject<T>[]) {
    this.#table = table
    this.#runtime = runtime
    this.#subjects = subjects
  }

  /** Notes that a test has passed a flow, or has shown the reason why the flow does not apply. */
  pass(name: string, flow: Flow<T>, auth: AuthMethod): void {
    this.#passed.add(`${name} ${flow} ${auth}`)
  }

  /**
   * Checks that the page has exactly these results in this runtime. With the environment variable `PDS_WRITE_TABLES`,
   * writes them instead.
   */
  check(): void {
    const text = readFileSync(page, 'utf8')
    const [begin, end] = [`<!-- ${this.#table}:begin -->\n`, `<!-- ${this.#table}:end -->\n`]
    const [before = '', rest = ''] = text.split(begin)
    const [table = '', after] = rest.split(end)
    if (after === undefined) throw new Error(`${page.pathname} must contain the lines ${begin}${end}`)
    const head = ['package', 'version', 'runtime', 'client authentication', 'settings']
    const columns = [...head, ...flowsOf[this.#table]]
    const [, , ...rows] = table.trim().split('\n').map(toCells)
    const others = rows.filter(([, , runtime]) => runtime !== this.#runtime)
    const lines = [...others, ...this.#subjects.map((subject) => this.#rowOf(subject))].map(toLine).sort()
    const separator = `|${'---|'.repeat(columns.length)}`
    const updated = [toLine(columns), separator, ...lines, ''].join('\n')
    if (process.env.PDS_WRITE_TABLES) writeFileSync(page, before + begin + updated + end + after)
    else expect(table, 'PDS_WRITE_TABLES=1 pnpm unit tooling/interop updates it').toBe(updated)
  }

  #rowOf({ name, host, settings, auths, lacks }: Subject<T>): string[] {
    const results = flowsOf[this.#table].map((flow: Flow<T>) => {
      const failed = auths.filter((auth) => !this.#passed.has(`${name} ${flow} ${auth}`))
      return failed.length > 0 ? `fails with ${failed.join(', ')}` : (lacks[flow] ?? 'passes')
    })
    const authentication = auths.map((auth) => `\`${auth}\``).join(', ')
    const version = versionOf(name) + (host ? `, ${host} ${versionOf(host)}` : '')
    return [`\`${name}\``, version, this.#runtime, authentication, settings, ...results]
  }
}

/** Returns the version of an installed package. */
function versionOf(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

const toLine = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const toCells = (line: string) => line.slice(2, -2).split(' | ')
