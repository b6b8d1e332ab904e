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
  readonly 'timeout-minutes'?: number
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

  it('grants permissions only to individual jobs', () => {
    expect(permissions).toEqual({})
    for (const [name, job] of Object.entries(jobs))
      expect({ name, may: job.permissions }).toEqual({ name, may: expect.any(Object) })
  })

  it('pins each action to a commit and names its version', () => {
    const lines = textOf(file)
      .split('\n')
      .filter((line) => /\buses:/.test(line))
    expect(lines).toHaveLength(steps.filter(({ uses }) => uses).length)
    for (const line of lines) expect(line).toMatch(/uses: [\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('runs no pull request with the permissions of the repository', () => {
    expect(Object.keys(on)).not.toContain('pull_request_target')
    expect(Object.keys(on)).not.toContain('workflow_run')
  })

  it('puts no expression into a shell command', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  it('limits the time of each job', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
  })

  it('persists no credentials and restores no package manager cache', () => {
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

  it('runs on main, one at a time, and never on a fork', () => {
    expect(on).toEqual({ push: { branches: ['main'] } })
    expect(concurrency).toEqual({ group: 'release', 'cancel-in-progress': false })
    const first = Object.entries(jobs).filter(([, { needs }]) => !needs)
    expect(first).not.toEqual([])
    for (const [, job] of first) expect(job.if).toBe(expression('!github.event.repository.fork'))
    // A job is skipped if a job that it needs was skipped, unless its condition uses one of these functions.
    expect(textOf(file)).not.toMatch(/always\(\)|cancelled\(\)|failure\(\)/)
  })

  it('lets one job publish, in the environment npm, and lets the version job write', () => {
    const granted = Object.fromEntries(
      Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]),
    )
    expect(granted).toEqual({
      'select-mode': { contents: 'read' },
      version: { contents: 'write', 'pull-requests': 'write' },
      test: { contents: 'read' },
      pack: { contents: 'read' },
      publish: { contents: 'write', 'id-token': 'write' },
    })
    expect(jobs.publish?.environment).toBe('npm')
    expect(textOf(file)).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN|registry-url/)
  })

  it('publishes with provenance what was tested, audited and packed in jobs that cannot publish', () => {
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

  it('runs no dependency script in jobs that can write or publish', () => {
    for (const name of ['select-mode', 'version', 'pack', 'publish'])
      for (const { run = '' } of jobs[name]?.steps ?? [])
        if (run.includes('pnpm install')) expect(run).toContain('--frozen-lockfile --ignore-scripts')
  })

  it('updates versions with the script that also writes them into the sources', () => {
    const version = jobs.version?.steps.at(-1)
    expect(version?.with?.script).toBe('pnpm version-packages')
    const { scripts } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'))
    expect(scripts['version-packages']).toBe('changeset version && node tooling/write-version.mjs')
  })
})
