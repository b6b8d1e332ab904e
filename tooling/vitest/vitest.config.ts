import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './summary-reporter.ts'
import { WaitingFirst } from './waiting-first.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Their tests are of what is packed: see vitest.packed.config.ts.
const packedTests = ['packed', 'runtimes', 'bundlers']
const members = ['packages', 'tooling', '.'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { withFileTypes: true })
    .filter(({ name }) => existsSync(`${root}/${folder}/${name}/package.json`) && !packedTests.includes(name))
    .map(({ name }) => ({ name, root: `${root}/${folder}/${name}` })),
)

// Most tests wait for a server or a browser a part of the time.
const maxWorkers = availableParallelism() + 1
// Those of processes, and the one of a frozen tab, do almost nothing else.
const moreWorkers = maxWorkers + 2

const processTests = 'src/session-processes.*.test.ts'
const pageTests = 'src/**/*.page.test.ts'

/**
 * The tests import other packages, and the public functions of their own, by their names: they run against what
 * was built. Only what a package does not export is imported from its source.
 */
export default defineConfig({
  root,
  test: {
    reporters: ['default', new SummaryReporter()],
    // Some tests make keys or start processes: on a busy machine that takes its time.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers,
    sequence: { sequencer: WaitingFirst },
    projects: [
      ...members.map(({ name, root }) => ({
        extends: true as const,
        root,
        test: { name, include: ['src/**/*.test.ts'], exclude: [processTests, pageTests] },
      })),
      {
        extends: true as const,
        root: `${root}/tooling/e2e`,
        // After the others, which have times of their own, and beside each other: they start many processes, and wait
        // for leases most of the time.
        test: {
          name: 'processes',
          include: [processTests],
          sequence: { groupOrder: 1 },
          maxWorkers: moreWorkers,
        },
      },
      {
        extends: true as const,
        // With these, for the same reason: each file starts a browser.
        test: {
          name: 'pages',
          include: [`{packages,tooling}/*/${pageTests}`],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
          maxWorkers: moreWorkers,
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
            tsconfig: 'tooling/vitest/tsconfig.types.json',
          },
        },
      },
    ],
  },
})
