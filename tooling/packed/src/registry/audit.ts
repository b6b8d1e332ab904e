import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../packages/repository.ts'

const run = promisify(execFile)

export interface Audit {
  /** Whether the registry returned advisories. Mirrors often have none and reject the request. */
  readonly isAudited: boolean
  /** The table of advisories (empty without advisories), or the reason why the audit did not run. */
  readonly report: string
}

/**
 * Requests the advisories for the packages in the lockfile. Throws if the request fails, except if the registry
 * rejects it with a status of 4xx.
 */
export async function audit(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Audit> {
  const pnpm = path.join(repository, 'node_modules', '.bin', 'pnpm')
  try {
    await run(pnpm, ['audit', ...args], { cwd: repository, env, maxBuffer: 2 ** 26 })
    return { isAudited: true, report: '' }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const report = `${stdout}${stderr}`.trim()
    // A status of 500 or more and an unreachable registry are failures. The output has a frame of lines.
    if (/ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS|responded with 4\d\d/.test(report.replace(/[\s│]+/g, ' ')))
      return { isAudited: false, report: 'the registry rejected the request for advisories' }
    if (!/vulnerabilities found/.test(report)) throw error
    return { isAudited: true, report }
  }
}
