import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import type { EngineName } from './src/engines/engine-browser.ts'
import { hangTime } from './src/time.ts'
import { makeRsaKeys } from './src/vitest/rsa-keys.ts'
import { SummaryReporter } from './src/vitest/summary-reporter.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const slowTests = 'src/**/*.slow.test.ts'
const storms = 'tooling/e2e/src/session-storms.slow.test.ts'

function project(name: string, folder: string, tests: string) {
  return { extends: true as const, test: { name, include: [`${folder}/${tests}`] } }
}

const rsaKeys = await makeRsaKeys(8)

/** The page tests of sessions and sign-in, which run in each engine. */
const sessionTests = [
  'packages/session-web/src/*.page.test.ts',
  'packages/auth-oauth/src/*.page.test.ts',
  'tooling/e2e/src/{browser-page-example,framework-examples,session-tabs,strict-mode}.page.test.ts',
  'tooling/e2e/src/tabs/*.page.test.ts',
  'tooling/shared/src/browser/*.page.test.ts',
]

/** The tests that run in private windows, too. */
const privateTests = [
  'packages/session-web/src/{session,web-store-key}.page.test.ts',
  'packages/auth-oauth/src/is-sign-in-pending.page.test.ts',
  'tooling/e2e/src/{browser-page-example,session-tabs}.page.test.ts',
]

/** Runs page tests in an engine of `shared/engines`, one test at a time. The files share a browser. */
function engineProject(engine: EngineName, include: readonly string[], groupOrder: number) {
  return {
    extends: true as const,
    test: {
      name: engine,
      include: [...include],
      env: { PDS_ENGINE: engine },
      setupFiles: [
        `${root}/tooling/shared/src/vitest/reuse-rsa-keys.ts`,
        `${root}/tooling/shared/src/vitest/close-contexts.ts`,
      ],
      provide: { rsaKeys },
      isolate: false,
      maxConcurrency: 1,
      maxWorkers: 1,
      sequence: { groupOrder },
    },
  }
}

/**
 * The tests of the published packages. They pack the packages first and use only the tarballs. The slow tests of other
 * members run here, too.
 */
export default defineConfig({
  root,
  test: {
    reporters: ['default', new SummaryReporter()],
    testTimeout: hangTime,
    hookTimeout: hangTime,
    expect: { poll: { timeout: hangTime } },
    // A missing list of files fails the test outside of CI, too. Only --update writes it.
    update: 'none',
    globalSetup: [
      `${root}/tooling/shared/src/vitest/build-packages.ts`,
      `${root}/tooling/packed/src/packages/pack-packages.ts`,
    ],
    projects: [
      project('packed', 'tooling/packed', 'src/**/*.test.ts'),
      {
        extends: true as const,
        test: {
          // The fault matrix again, over `@pds/core/fetch`.
          name: 'fetch-engine',
          include: ['tooling/e2e/src/fault-matrix-*.test.ts'],
          env: { PDS_TEST_ENTRY: 'fetch' },
          setupFiles: [`${root}/tooling/shared/src/vitest/reuse-rsa-keys.ts`],
          provide: { rsaKeys },
        },
      },
      {
        extends: true as const,
        test: {
          // The schedule tests again, with more schedules and another seed.
          name: 'schedules',
          include: ['packages/session/src/test/schedules/*.property.test.ts'],
          env: { SCHEDULES_RUNS: '5000', SCHEDULES_SEED: '20261130' },
          // The files take about as long, and contain no waits.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      project('slow-packages', 'packages/*', slowTests),
      project('slow-bench', 'tooling/bench', slowTests),
      project('slow-docs', 'docs', slowTests),
      {
        extends: true as const,
        test: {
          name: 'slow-e2e',
          include: [`tooling/e2e/${slowTests}`],
          exclude: [storms],
        },
      },
      {
        extends: true as const,
        test: {
          // Alone: its requests time out while other tests keep the processors busy.
          name: 'storms',
          include: [storms],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      engineProject('firefox', sessionTests, 3),
      engineProject('firefox-private', privateTests, 4),
      engineProject('webkit', sessionTests, 5),
      engineProject('webkit-private', privateTests, 6),
    ],
  },
})
