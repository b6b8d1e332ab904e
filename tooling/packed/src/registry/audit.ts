import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../packages/repository.ts'

const run = promisify(execFile)

export interface Audit {
  /** Whether the registry has answered. Mirrors often have no advisories, and refuse. */
  readonly answered: boolean
  /** The table of what was found, or what the registry said instead of an answer; empty where nothing is known. */
  readonly said: string
}

/** Asks the registry for advisories on what the lockfile holds. Throws where that fails for another reason than a refusal. */
export async function audit(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Audit> {
  const pnpm = path.join(repository, 'node_modules', '.bin', 'pnpm')
  try {
    await run(pnpm, ['audit', ...args], { cwd: repository, env, maxBuffer: 2 ** 26 })
    return { answered: true, said: '' }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const said = `${stdout}${stderr}`.trim()
    // Not where the registry fails, with a status of 500 and more, or cannot be reached. The lines are in a frame.
    if (/ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS|responded with 4\d\d/.test(said.replace(/[\s│]+/g, ' ')))
      return { answered: false, said: 'The registry has no advisories: it refuses to be asked for them.' }
    if (!/vulnerabilities found/.test(said)) throw error
    return { answered: true, said }
  }
}
