import { execFile } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

/*
 * Setup of each run: builds the changed packages, because most tests run against `dist` and a stale `dist` would hide a
 * mistake. In watch mode, it builds again when a source changes, before the affected tests run. Without a change,
 * Turborepo takes half a second.
 */

const root = path.resolve(import.meta.dirname, '../../../..')
const source = /[\\/](packages[\\/][\w-]+|tooling[\\/]demo)[\\/](src[\\/](?!.*\.test)|package\.json$)/

export async function setup(project: TestProject): Promise<void> {
  await build()
  if (!project.config.watch) return
  const { watcher } = project.vite
  let building = Promise.resolve(true)
  watcher.on('all', (_event, file) => {
    // A change during a build needs another build.
    if (source.test(file)) building = building.then(tryBuild)
  })
  // After a failed build, the tests wait for a change that makes the build succeed.
  project.onTestsRerun(async () => {
    while (!(await building)) await once(watcher, 'all')
  })
}

/** Builds the changed packages. If a build fails, throws an error with its output. */
async function build(): Promise<void> {
  const turbo = path.join(root, 'node_modules', '.bin', 'turbo')
  const args = ['run', 'build', '--filter=!docs', '--filter=!packed', '--output-logs=errors-only']
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' }
  const options = { cwd: root, env, shell: process.platform === 'win32' }
  await promisify(execFile)(turbo, args, options).catch(({ message, stdout = '', stderr = message }) => {
    throw new Error(`The build failed, so no test runs:\n${stdout}${stderr}`)
  })
}

/** Builds the changed packages and returns whether the build succeeded. If a build fails, prints its output. */
async function tryBuild(): Promise<boolean> {
  try {
    await build()
    return true
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return false
  }
}
