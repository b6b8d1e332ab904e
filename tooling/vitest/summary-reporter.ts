import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints what to install for the tests that were skipped, and one last line that programs can read: `12 passed, 0 failed`. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const reasons = new Set<string>()
    for (const module of modules) {
      // A file that could not be read has errors in place of tests.
      counts.failed += module.errors().length
      // The tests of a suite whose preparation failed are none that were skipped on purpose.
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state]++
        // The suites that need something say so in their names.
        const [reason] = (state === 'skipped' && /\S+ is missing: .+?(?= > )/.exec(test.fullName)) || []
        if (reason) reasons.add(`skipped: ${reason}\n`)
      }
    }
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
    const line = `${counts.passed} passed, ${counts.failed + counts.pending} failed${skipped}\n`
    // After everything that vitest itself has to say.
    process.once('exit', () => {
      writeSync(process.stdout.fd, [...reasons, line].join(''))
      if (counts.skipped > 0 && process.env.PDS_NO_SKIPPED_TESTS === '1') process.exitCode = 1
    })
  }
}
