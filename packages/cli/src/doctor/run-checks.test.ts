import { expect, it } from 'vitest'
import { silentContext } from '../commands/command-process.test-helper.ts'
import { type Check, type CheckFacts, type CheckResult, same } from './check.ts'
import { runChecks } from './run-checks.ts'

const check = (name: string, run: Check['run'], needs: string[] = []): Check => ({
  name,
  title: same(name),
  needs,
  run,
})
const found = (state: CheckResult['state']) => async () => ({ state, text: same(state) })

async function results(checks: Check[], signal = new AbortController().signal) {
  const { output } = silentContext()
  const facts: CheckFacts = {
    options: {},
    output,
    folders: { config: '', data: '' },
    states: new Map(),
  }
  const all: string[] = []
  const options = { signal, timeLimit: 20, during: (_: Check, result: Promise<CheckResult>) => result }
  for await (const { result } of runChecks(checks, facts, options)) {
    all.push(`${result.state}: ${result.text.en}`)
  }
  return all
}

it('skips the checks that need a failed one, and names that one', async () => {
  const checks = [
    check('a', found('fail')),
    check('b', found('ok'), ['a']),
    check('c', found('ok'), ['b']),
    check('d', found('warn')),
    check('e', found('ok'), ['d']),
  ]
  const skipped = 'skip: not checked: see "a"'
  expect(await results(checks)).toEqual(['fail: fail', skipped, skipped, 'warn: warn', 'ok: ok'])
})

it('ends a check at the time limit, and survives an error', async () => {
  const checks = [
    check('a', () => new Promise(() => setTimeout(() => undefined, 40))),
    check('b', async () => {
      throw Object.assign(new Error('x'), { code: 'EIO' })
    }),
  ]
  expect(await results(checks)).toEqual([
    'fail: nothing happened within 0.02 seconds',
    'fail: cannot be checked (EIO)',
  ])
})

it('ends at Ctrl-C', async () => {
  const checks = [check('a', () => new Promise(() => undefined))]
  await expect(results(checks, AbortSignal.abort())).rejects.toMatchObject({ exitCode: 130 })
})
