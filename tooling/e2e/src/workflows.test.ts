import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
  readonly outputs?: Readonly<Record<string, string>>
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
      publish: { contents: 'write', 'id-token': 'write', attestations: 'write' },
      'attach-sboms': { contents: 'write' },
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

  const privileged = ['select-mode', 'version', 'pack', 'publish']

  it('runs no script of a dependency outside of the test job', () => {
    for (const name of privileged)
      for (const { run = '' } of jobs[name]?.steps ?? [])
        if (run.includes('install')) expect(run).toContain('install --frozen-lockfile --ignore-scripts')
    // pnpm installs before it runs a script, unless this variable is false.
    const steps = privileged.flatMap((name) => jobs[name]?.steps ?? [])
    const runners = steps.filter(({ run = '', uses = '' }) => /turbo run|action\/version@/.test(run + uses))
    expect(runners).toHaveLength(2)
    for (const { env } of runners) expect(env?.PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN).toBe('false')
  })

  it('installs outside of the test job only with a pnpm whose hash was checked', () => {
    for (const name of privileged) {
      const installs = jobs[name]?.steps.map(({ run = '' }) => run).filter((run) => run.includes('install'))
      expect({ name, installs }).toEqual({
        name,
        installs: [
          expect.stringMatching(
            /^pnpm=\$\(node tooling\/release\/fetch-pnpm\.mjs\)\n"\$pnpm" install --frozen-lockfile /,
          ),
        ],
      })
    }
    expect(textOf(file)).not.toMatch(/\b(npx|corepack|dlx|curl|wget)\b/)
  })

  it('attests the tarballs and the SBOMs before it publishes, and attaches the SBOMs to the releases', () => {
    const actions = jobs.publish?.steps.map(({ uses = 'a command' }) => uses.replace(/@.*/, ''))
    expect(actions?.slice(-3)).toEqual(['a command', 'actions/attest', 'changesets/action/publish'])
    const attest = jobs.publish?.steps.at(-2)
    expect(attest?.with).toEqual({ 'subject-path': 'packages-to-publish/*\nsboms/*\n' })
    expect(jobs['attach-sboms']?.needs).toEqual(['pack', 'publish'])
  })
})

describe('the hashes of the release', () => {
  const { jobs } = read('.github/workflows/release.yml')
  const scriptWith = (job: string, text: string) =>
    jobs[job]?.steps.map(({ run = '' }) => run).find((run) => run.includes(text)) ?? ''
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pds-release-'))
    for (const name of ['packages-to-publish', 'sboms']) mkdirSync(path.join(folder, name))
    writeFileSync(path.join(folder, 'packages-to-publish/pds-core-0.1.0.tgz'), 'a tarball')
    writeFileSync(path.join(folder, 'sboms/pds-core-0.1.0.cdx.json'), 'an SBOM')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Runs the step of the packing job, changes its files, and runs the step of the publishing job as GitHub does. */
  function publishAfter(change: () => void) {
    const GITHUB_OUTPUT = path.join(folder, 'output')
    const options = { cwd: folder, env: { ...process.env, GITHUB_OUTPUT }, stdio: 'pipe' } as const
    const log = execFileSync('bash', ['-e', '-c', scriptWith('pack', 'sha512sum')], options).toString()
    const [, hashes] = /^hashes<<END\n(.*)\nEND\n$/s.exec(readFileSync(GITHUB_OUTPUT, 'utf8')) ?? []
    // The publishing job downloads the folder of the packing job.
    mkdirSync(path.join(folder, 'packed'))
    execFileSync('mv', ['packages-to-publish', 'packed/packages'], options)
    change()
    const env = { ...process.env, HASHES: hashes }
    const script = scriptWith('publish', 'sha512sum')
    return { log, hashes, status: spawnSync('bash', ['-e', '-c', script], { cwd: folder, env }).status }
  }

  it('are equal for the files of the packing job', () => {
    expect(publishAfter(() => {}).status).toBe(0)
  })

  it('are in the log of the packing job, for the reviewer of the publishing job', () => {
    const { log, hashes } = publishAfter(() => {})
    expect(log).toMatch(/^[0-9a-f]{128} {2}packages-to-publish\/pds-core-0\.1\.0\.tgz$/m)
    expect(log).toBe(`${hashes}\n`)
  })

  it('fail the packing job if a file cannot be read', () => {
    rmSync(path.join(folder, 'sboms'), { recursive: true })
    expect(() => publishAfter(() => {})).toThrow()
  })

  it.each([
    ['changed', () => writeFileSync(path.join(folder, 'packed/packages/pds-core-0.1.0.tgz'), 'another')],
    ['missing', () => rmSync(path.join(folder, 'sboms/pds-core-0.1.0.cdx.json'))],
    ['added', () => writeFileSync(path.join(folder, 'packed/packages/pds-more-0.1.0.tgz'), 'a tarball')],
  ])('stop the publishing job if a file was %s', (_, change) => {
    expect(publishAfter(change).status).not.toBe(0)
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
