import type { AccountOptions } from '../account/open-account.ts'
import type { Check, CheckFacts, CheckResult } from '../doctor/check.ts'
import { checkClock } from '../doctor/check-clock.ts'
import { checkConnection } from '../doctor/check-connection.ts'
import { checkDns } from '../doctor/check-dns.ts'
import { checkEndpoint } from '../doctor/check-endpoint.ts'
import { checkFiles } from '../doctor/check-files.ts'
import { checkKey } from '../doctor/check-key.ts'
import { checkPrivateKey } from '../doctor/check-private-key.ts'
import { checkProfile } from '../doctor/check-profile.ts'
import { checkProxy } from '../doctor/check-proxy.ts'
import { checkSignIn } from '../doctor/check-sign-in.ts'
import { checkStore } from '../doctor/check-store.ts'
import { checkVersions } from '../doctor/check-versions.ts'
import { runChecks } from '../doctor/run-checks.ts'
import { exitCode } from '../output/exit-code.ts'
import type { Output } from '../output/output.ts'
import { withProgress } from '../output/progress.ts'
import { findFolders } from '../profile/folders.ts'
import type { CommandContext } from './command.ts'

// In the order in which a later one needs an earlier one.
const checks: readonly Check[] = [
  checkVersions,
  checkProfile,
  checkFiles,
  checkKey,
  checkStore,
  checkSignIn,
  checkPrivateKey,
  checkProxy,
  checkDns,
  checkConnection,
  checkEndpoint,
  checkClock,
]

/** Says what is wrong, and what to do. Sends no token. Returns 1 if a check failed. */
export async function run(options: AccountOptions, context: CommandContext): Promise<number> {
  const { output, signal } = context
  const facts: CheckFacts = { options, output, folders: await findFolders(), states: new Map() }
  const found: object[] = []
  const during = ({ title }: Check, result: Promise<CheckResult>) =>
    withProgress(context, { en: `${title.en} …`, zh: `${title.zh}…` }, result)
  for await (const { check, result } of runChecks(checks, facts, { signal, during })) {
    const { name, title } = check
    const { state, text, advice } = result
    if (!output.isJson) output.result(format(output, title, result), undefined)
    found.push({
      name,
      state,
      text: output.localize(text),
      advice: advice === undefined ? null : output.localize(advice),
    })
  }
  const failures = [...facts.states.values()].filter((state) => state === 'fail').length
  if (output.isJson) output.result([], { ok: failures === 0, checks: found })
  else if (failures > 0) {
    const noun = failures === 1 ? 'check' : 'checks'
    output.message({ en: `${failures} ${noun} failed.`, zh: `${failures} 项检查失败。` })
  } else output.message({ en: 'No check failed.', zh: '所有检查均未失败。' })
  return failures === 0 ? exitCode.ok : exitCode.failed
}

const marks = {
  ok: ['✓', 'green'],
  warn: ['!', 'yellow'],
  fail: ['✗', 'red'],
  skip: ['-', 'dim'],
} as const

function format(output: Output, title: Check['title'], { state, text, advice }: CheckResult): string[] {
  const [mark, colour] = marks[state]
  const styled = output.isTerminal ? output.style(colour, mark) : mark
  const line = `${styled} ${output.labelled(title, output.localize(text))}`
  return advice === undefined ? [line] : [line, `    ${output.localize(advice)}`]
}
