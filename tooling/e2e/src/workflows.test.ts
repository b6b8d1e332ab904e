import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { repository } from './repository.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly if?: string
  readonly needs?: string | readonly string[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

const files = globSync('.github/workflows/*.{yml,yaml}', { cwd: repository })
const textOf = (file: string) => readFileSync(path.join(repository, file), 'utf8')
const read = (file: string): Workflow => parse(textOf(file))
const expression = (text: string) => `\${{ ${text} }}`

describe.each(files)('%s', (file) => {
  const { on, permissions, jobs } = read(file)
  const steps = Object.values(jobs).flatMap((job) => job.steps)

  it('grants no permissions except those that a job declares', () => {
    expect(permissions).toEqual({})
    for (const [name, job] of Object.entries(jobs))
      expect({ name, may: job.permissions }).toEqual({ name, may: expect.any(Object) })
  })

  it('pins each action by commit and names its version', () => {
    const lines = textOf(file)
      .split('\n')
      .filter((line) => /\buses:/.test(line))
    expect(lines).toHaveLength(steps.filter(({ uses }) => uses).length)
    for (const line of lines) expect(line).toMatch(/uses: [\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('never runs code of a pull request with permissions of the repository', () => {
    expect(Object.keys(on)).not.toContain('pull_request_target')
    expect(Object.keys(on)).not.toContain('workflow_run')
  })

  it('inserts no expression into a shell command', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  it('stores no repository token on disk and uses no package cache', () => {
    for (const { uses = '', with: inputs = {} } of steps) {
      if (uses.startsWith('actions/checkout@')) expect(inputs['persist-credentials']).toBe(false)
      if (uses.startsWith('actions/setup-node@')) expect(inputs['package-manager-cache']).toBe(false)
    }
  })
})

describe('the release', () => {
  const file = '.github/workflows/release.yml'
  const { on, concurrency, jobs } = read(file)
  const before = (name: string): string[] =>
    [jobs[name]?.needs ?? []].flat().flatMap((needed) => [needed, ...before(needed)])

  it('starts only from main, one run at a time, so that nothing else is published', () => {
    expect(on).toEqual({ push: { branches: ['main'] } })
    expect(concurrency).toEqual({ group: 'release', 'cancel-in-progress': false })
  })

  it('never runs on a fork, and runs no job after a failed job', () => {
    const first = Object.entries(jobs).filter(([, { needs }]) => !needs)
    expect(first).not.toEqual([])
    for (const [, job] of first) expect(job.if).toBe(expression('!github.event.repository.fork'))
    // GitHub skips a job if a job that it needs was skipped, unless its condition calls a status function.
    expect(textOf(file)).not.toMatch(/always\(\)|cancelled\(\)|failure\(\)/)
  })

  it('lets only one job publish, in the environment npm, and lets the version job write', () => {
    const rights = Object.fromEntries(
      Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]),
    )
    expect(rights).toEqual({
      'select-mode': { contents: 'read' },
      version: { contents: 'write', 'pull-requests': 'write' },
      test: { contents: 'read' },
      pack: { contents: 'read' },
      publish: { contents: 'write', 'id-token': 'write' },
    })
    expect(jobs.publish?.environment).toBe('npm')
    expect(textOf(file)).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN|registry-url/)
  })

  it('publishes only after tests and an audit, with provenance, and packs in a job that cannot publish', () => {
    expect(before('publish')).toEqual(['pack', 'select-mode', 'test', 'select-mode'])
    const commands = jobs.test?.steps.map(({ run }) => run)
    expect(commands).toContain('.ci/run')
    expect(commands).toContain('node_modules/.bin/pnpm audit --prod')
    const publish = jobs.publish?.steps.at(-1)
    expect(publish?.uses).toMatch(/^changesets\/action\/publish@/)
    expect(publish?.with).toEqual({
      'pack-dir-artifact-id': expression('needs.pack.outputs.pack-dir-artifact-id'),
    })
    expect(publish?.env?.PNPM_CONFIG_PROVENANCE).toBe('true')
  })

  it('runs no script of a dependency outside of the test job', () => {
    for (const name of ['select-mode', 'version', 'pack', 'publish'])
      for (const { run = '' } of jobs[name]?.steps ?? [])
        if (run.includes('pnpm install')) expect(run).toContain('--frozen-lockfile --ignore-scripts')
  })
})

describe('the issue forms', () => {
  const folder = '.github/ISSUE_TEMPLATE'
  const forms = globSync(`${folder}/*.yml`, { cwd: repository }).filter(
    (name) => !name.endsWith('config.yml'),
  )

  // GitHub hides an invalid form without a message.
  it.each(forms)('%s has what GitHub requires of a form', (name) => {
    const { name: title, description, body } = parse(textOf(name))
    expect({ title, description }).toEqual({ title: expect.any(String), description: expect.any(String) })
    const inputs = body.filter(({ type }: { type: string }) => type !== 'markdown')
    for (const { type, attributes } of inputs) {
      expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type)
      expect(attributes.label).toEqual(expect.any(String))
    }
    const ids = inputs.map(({ id }: { id: string }) => id)
    expect(ids).toEqual([...new Set(ids)])
    expect(inputs).not.toEqual([])
  })

  it('warn of secrets and point to SECURITY.md', () => {
    expect(forms).toHaveLength(2)
    for (const name of forms) expect(textOf(name)).toMatch(/Never paste a token, key/)
    for (const name of [`${folder}/bug-report.yml`, `${folder}/config.yml`])
      expect(textOf(name)).toContain('SECURITY.md')
  })
})
