import { execFileSync } from 'node:child_process'

/** Returns the reason to skip the tests of a shell, or false. With PDS_NO_SKIPPED_TESTS=1, throws instead. */
export function whyNoShell(shell: 'bash' | 'zsh' | 'fish'): string | false {
  try {
    execFileSync(shell, ['-c', 'true'])
    return false
  } catch {
    const reason = `${shell} is missing: apt-get install ${shell}`
    if (process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(reason)
    return reason
  }
}
