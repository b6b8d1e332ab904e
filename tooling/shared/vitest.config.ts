import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { hangTime } from './src/time.ts'
import { LongWaitsFirst } from './src/vitest/long-waits-first.ts'
import { makeRsaKeys } from './src/vitest/rsa-keys.ts'
import { SummaryReporter } from './src/vitest/summary-reporter.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// The tests of this member run with vitest.packed.config.ts.
const packed = 'packed'
const members = globSync(['{packages,tooling}/*/package.json', 'docs/package.json'], { cwd: root })
  .map((manifest) => path.dirname(manifest).replaceAll(path.sep, '/'))
  .filter((folder) => path.basename(folder) !== packed)

const cores = availableParallelism()
// The budget is 2 × cores busy processes. A page test or a process test counts as two: the worker, and the browser or
// the processes that it drives, which are briefly more than one. The workers of other tests sometimes wait for a
// server.
const maxWorkers = cores + 1
const maxDrivers = cores

const processTests = 'src/**/*.processes.test.ts'
const pageTests = 'src/**/*.page.test.ts'
const fullBrowserTests = 'src/**/*.full-browser.test.ts'
// See vitest.packed.config.ts.
const slowTests = 'src/**/*.slow.test.ts'

/**
 * The tests import packages by name and run against the built files, which `build-packages.ts` keeps up to date. They
 * import only internals from the sources.
 *
 * No project sets a root: each root would start another Vite server and load this file again.
 */
export default defineConfig({
  root,
  test: {
    globalSetup: `${root}/tooling/shared/src/vitest/build-packages.ts`,
    reporters: ['default', new SummaryReporter()],
    testTimeout: hangTime,
    hookTimeout: hangTime,
    expect: { poll: { timeout: hangTime } },
    setupFiles: [`${root}/tooling/shared/src/vitest/reuse-rsa-keys.ts`],
    provide: { rsaKeys: await makeRsaKeys(8) },
    maxWorkers,
    sequence: { sequencer: LongWaitsFirst },
    projects: [
      ...members.map((folder) => ({
        extends: true as const,
        test: {
          name: path.basename(folder),
          include: [`${folder}/src/**/*.test.ts`],
          exclude: [processTests, pageTests, fullBrowserTests, slowTests].map(
            (tests) => `${folder}/${tests}`,
          ),
        },
      })),
      {
        extends: true as const,
        test: {
          // The tests of the transport again, over `@pds/core/fetch` and without ky. The fault matrix, which takes longer,
          // is in the packed run.
          name: 'fetch-engine',
          alias: [
            { find: /^@pds\/core$/, replacement: '@pds/core/fetch' },
            { find: /^ky$/, replacement: 'ky-must-not-be-loaded' },
          ],
          include: [
            'packages/core/src/{call,endpoints,errors,retry,test,transport}/*.test.ts',
            'tooling/e2e/src/{canary-walk,own-fetch,wire}.test.ts',
          ],
          exclude: ['**/*.slow.test.ts'],
        },
      },
      {
        extends: true as const,
        test: {
          name: 'processes',
          include: [`{packages,tooling}/*/${processTests}`],
          sequence: { groupOrder: 1 },
          maxWorkers: maxDrivers,
        },
      },
      {
        extends: true as const,
        test: {
          name: 'pages',
          include: [`{packages,tooling}/*/${pageTests}`],
          // The files of a worker share its browser.
          isolate: false,
          sequence: { groupOrder: 1 },
          maxWorkers: maxDrivers,
        },
      },
      {
        extends: true as const,
        test: {
          name: 'full-browser',
          include: [`{packages,tooling}/*/${fullBrowserTests}`],
          isolate: false,
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
        },
      },
      {
        extends: true as const,
        test: {
          name: 'type-tests',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/src/**/*.test-d.ts'],
            tsconfig: 'tooling/shared/tsconfig/type-tests.json',
          },
        },
      },
    ],
  },
})
