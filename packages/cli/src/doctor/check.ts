import type { AccountOptions } from '../account/open-account.ts'
import type { Output } from '../output/output.ts'
import type { Text } from '../output/text.ts'
import type { Folders } from '../profile/folders.ts'
import type { NamedProfile } from '../profile/profiles.ts'

/** The result of a check. `skip` means that the check does not apply, or could find nothing. */
export interface CheckResult {
  state: 'ok' | 'warn' | 'fail' | 'skip'
  /** What was found. */
  text: Text
  /** What to do. */
  advice?: Text
}

/** What the checks know. A check adds what it finds out for later ones. */
export interface CheckFacts {
  options: AccountOptions
  output: Output
  folders: Folders
  /** The states of the earlier checks, by name. */
  states: Map<string, CheckResult['state']>
  /** The profile with a valid endpoint. */
  named?: NamedProfile
  /** The proxy that requests to the service use. */
  proxy?: URL
  /** The time of the service minus the local time, in milliseconds. */
  clockOffset?: number
}

/** One check of `pds doctor`. */
export interface Check {
  /** A stable name for `--json`. */
  name: string
  title: Text
  /** The names of earlier checks without which this one finds nothing. */
  needs?: readonly string[]
  /** What to do if the check takes too long. */
  timeoutAdvice?: Text
  /** Sends no token, and changes nothing. The signal ends a check that takes too long. */
  run(facts: CheckFacts, signal: AbortSignal): Promise<CheckResult>
}

/** What to do if the network gives no answer. */
export const networkAdvice: Text = {
  en: 'Check the network: a firewall may drop packets, or the network may need a proxy.',
  zh: '请检查网络：防火墙可能丢弃了数据包，或者网络需要代理。',
}

/** Returns a text that is the same in both languages, such as a path. */
export function same(text: string): Text {
  return { en: text, zh: text }
}

/** Returns the code or message of an error. Contains no secret: messages of requests may contain URLs, so codes win. */
export function reasonOf(error: unknown): string {
  const { code, cause, message, errors } = Object(error)
  // Errors of fetch, and of several addresses, have the reason inside.
  const [inner = cause] = Array.isArray(errors) ? errors : []
  if (inner !== undefined && typeof code !== 'string') return reasonOf(inner)
  return typeof code === 'string' ? code : String(message ?? error)
}
