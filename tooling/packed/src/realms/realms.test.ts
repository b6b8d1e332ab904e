import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { lockedVersions, repository } from '../packages/repository.ts'
import { runNode } from '../packages/run-node.ts'

/*
 * Runs the packages in Vitest and Jest, which mix globals of two realms, with the settings of the guide
 * docs/guides/testing-with-the-emulator.md.
 */

const install = promisify(execFile)
const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'pds-realms-'))
const consumer = path.join(import.meta.dirname, 'consumer')
const examples = path.join(repository, 'docs', 'examples', 'testing')
const flag = '--experimental-vm-modules'

beforeAll(async () => {
  const tarballs = Object.entries(inject('packed').tarballs).map(([name, file]) => [name, `file:${file}`])
  const own = Object.fromEntries(tarballs)
  const manifest = {
    ...JSON.parse(readFileSync(path.join(consumer, 'package.json'), 'utf8')),
    dependencies: own,
    overrides: { ...Object.fromEntries(tarballs.map(([name]) => [name, `$${name}`])), ...lockedVersions() },
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  await install('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
  })
  for (const type of ['module', 'commonjs']) {
    const project = path.join(folder, type)
    mkdirSync(project)
    writeFileSync(path.join(project, 'package.json'), JSON.stringify({ type }))
    copyFileSync(path.join(consumer, 'signing.mjs'), path.join(project, 'signing.test.js'))
    copyFileSync(path.join(examples, 'jsdom-environment.js'), path.join(project, 'jsdom-environment.mjs'))
  }
  // Only the test is transformed: Node.js loads the packages.
  const config = readFileSync(path.join(examples, 'jest.commonjs.json'), 'utf8')
  const { transform } = JSON.parse(config)
  writeFileSync(path.join(folder, 'commonjs', 'packages.json'), config)
  writeFileSync(path.join(folder, 'commonjs', 'tests.json'), JSON.stringify({ transform }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the tests of a project and returns its failures. Both runners write the same kind of report. */
async function failures(project: string, args: readonly string[], isPage: boolean): Promise<string[]> {
  // The settings of this Vitest process are not for the runner.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_)/.test(name))
  const env = { ...Object.fromEntries(inherited), EXPECTED_WINDOW: isPage ? 'object' : 'undefined' }
  const file = path.join(folder, `${crypto.randomUUID()}.json`)
  const { stdout, stderr } = await runNode([...args, `--outputFile=${file}`], {
    cwd: path.join(folder, project),
    env,
  })
  if (!existsSync(file)) throw new Error(`${stdout}${stderr}`)
  const report: Report = JSON.parse(readFileSync(file, 'utf8'))
  const results = report.testResults.flatMap(({ message = '', assertionResults }) =>
    assertionResults.length > 0
      ? assertionResults
      : [{ status: 'failed', title: message, failureMessages: [] }],
  )
  expect(results.length).toBeGreaterThan(0)
  const failed = results.filter(({ status }) => status !== 'passed')
  return failed.map(({ title, failureMessages }) => [title, ...failureMessages].join('\n'))
}

interface Report {
  readonly testResults: readonly {
    /** Why the file could not run. */
    readonly message?: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly title: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

const vitest = path.join(folder, 'node_modules', 'vitest', 'vitest.mjs')
const jest = path.join(folder, 'node_modules', 'jest', 'bin', 'jest.js')

describe('in Vitest', () => {
  it.each([
    ['jsdom', 'forks'],
    ['jsdom', 'threads'],
    ['node', 'forks'],
    ['node', 'vmThreads'],
  ])('tests pass in the environment %s and the pool %s', async (environment, pool) => {
    const args = [
      vitest,
      'run',
      '--globals',
      '--reporter=json',
      `--environment=${environment}`,
      `--pool=${pool}`,
    ]
    expect(await failures('module', args, environment === 'jsdom')).toEqual([])
  })
})

describe.each([
  ['node', 'node'],
  ['jsdom', './jsdom-environment.mjs'],
])('in Jest and the environment %s', (name, environment) => {
  it.each([
    ['ES modules pass', 'module', [flag], []],
    ['CommonJS passes', 'commonjs', [flag], ['--config=tests.json']],
    ['CommonJS passes after a transform of the packages', 'commonjs', [], ['--config=packages.json']],
  ])('tests as %s', async (_what, project, nodeArgs, jestArgs) => {
    const args = [...nodeArgs, jest, '--ci', '--json', `--env=${environment}`, ...jestArgs]
    expect(await failures(project, args, name === 'jsdom')).toEqual([])
  })
})
