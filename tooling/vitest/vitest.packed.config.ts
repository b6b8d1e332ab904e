import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './summary-reporter.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The tests of what is published, as it is published: they pack the packages first, and see nothing of their sources. */
export default defineConfig({
  root,
  test: {
    reporters: ['default', new SummaryReporter()],
    // They install, compile and bundle: minutes, on a machine that does it for the first time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A list of files that is missing is a failure here, too, and not written but by --update.
    update: 'none',
    globalSetup: `${root}/tooling/packed/src/pack-packages.ts`,
    projects: ['packed', 'runtimes', 'bundlers'].map((name) => ({
      extends: true as const,
      root: `${root}/tooling/${name}`,
      test: { name, include: ['src/**/*.test.ts'] },
    })),
  },
})
