import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/**
 * Prints what to install for skipped tests, why tests are left out of an engine of browsers, the number of errors outside of tests, and a last line that programs can
 * read: `12 passed, 0 failed`.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    let leftOut = 0
    // Counts unreadable files, failed hooks of suites and uncaught errors.
    let errors = unhandledErrors.length
    const reasons = new Set<string>()
    for (const module of modules) {
      errors += module.errors().length
      for (const suite of module.children.allSuites()) errors += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // See engine-limits.ts. No installation helps.
        const [limit] = (state === 'skipped' && /left out of .+(?=\))/.exec(test.fullName)) || []
        if (limit) {
          leftOut++
          reasons.add(`${limit}\n`)
          continue
        }
        counts[state]++
        // Suites with a requirement name it in their titles.
        const [reason] = (state === 'skipped' && /\S+ is missing: .+?(?= > )/.exec(test.fullName)) || []
        if (reason) reasons.add(`skipped: ${reason}\n`)
      }
    }
    // A failed global setup is neither a failed test nor one of these errors.
    if (reason === 'failed' && counts.failed + counts.pending === 0) errors ||= 1
    // The runner prints the same number. A run that failed without a failed test must not look successful.
    const failed = counts.failed + counts.pending || errors
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
    const outside = errors === 0 ? [] : [`errors outside of tests: ${errors}\n`]
    const omitted = leftOut === 0 ? '' : `, ${leftOut} left out`
    const lines = [...reasons, ...outside, `${counts.passed} passed, ${failed} failed${skipped}${omitted}\n`]
    // Prints after all output of Vitest.
    process.once('exit', () => {
      writeSync(process.stdout.fd, lines.join(''))
      if (counts.skipped > 0 && process.env.PDS_NO_SKIPPED_TESTS === '1') process.exitCode = 1
    })
  }
}
