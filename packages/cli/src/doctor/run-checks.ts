import { cancelled } from '../output/cli-error.ts'
import { type Check, type CheckFacts, type CheckResult, reasonOf } from './check.ts'

/** How checks run. */
export interface RunOptions {
  signal: AbortSignal
  /** The time limit of each check, in milliseconds. Default: 10 000. */
  timeLimit?: number
  /** Is called with each check when it starts. Returns its result. */
  during(check: Check, result: Promise<CheckResult>): Promise<CheckResult>
}

/** Runs checks in their order. A check is skipped if another one that it needs has failed or was skipped. */
export async function* runChecks(
  checks: readonly Check[],
  facts: CheckFacts,
  { signal, timeLimit = 10_000, during }: RunOptions,
): AsyncGenerator<{ check: Check; result: CheckResult }> {
  // The first check in a row of skipped ones has the reason.
  const reasons = new Map<string, Check>()
  for (const check of checks) {
    const missing = check.needs?.find((name) => ['fail', 'skip'].includes(facts.states.get(name) ?? ''))
    const reason =
      missing === undefined
        ? undefined
        : (reasons.get(missing) ?? checks.find(({ name }) => name === missing))
    if (reason) reasons.set(check.name, reason)
    const result = reason ? skipped(reason) : await during(check, runLimited(check, facts, signal, timeLimit))
    facts.states.set(check.name, result.state)
    yield { check, result }
  }
}

function skipped({ title }: Check): CheckResult {
  return {
    state: 'skip',
    text: { en: `not checked: see "${title.en}"`, zh: `未检查：请参见“${title.zh}”` },
  }
}

async function runLimited(
  check: Check,
  facts: CheckFacts,
  signal: AbortSignal,
  timeLimit: number,
): Promise<CheckResult> {
  if (signal.aborted) throw cancelled()
  const limit = AbortSignal.timeout(timeLimit)
  const either = AbortSignal.any([signal, limit])
  const ended = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason), { once: true })
  })
  try {
    return await Promise.race([check.run(facts, either), ended])
  } catch (error) {
    if (signal.aborted) throw cancelled()
    if (!limit.aborted) {
      const reason = reasonOf(error)
      return { state: 'fail', text: { en: `cannot be checked (${reason})`, zh: `无法检查（${reason}）` } }
    }
    const seconds = timeLimit / 1000
    return {
      state: 'fail',
      text: { en: `nothing happened within ${seconds} seconds`, zh: `${seconds} 秒内没有结果` },
      ...(check.timeoutAdvice && { advice: check.timeoutAdvice }),
    }
  }
}
