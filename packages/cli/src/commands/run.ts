import { constants } from 'node:os'
import { openAccount } from '../account/open-account.ts'
import { cancelled } from '../output/cli-error.ts'
import type { CommandContext } from './command.ts'
import { startChild } from './run-child.ts'
import { keepFresh } from './run-keep-fresh.ts'
import { TokenFile } from './run-token-file.ts'
import { type AccountValues, getToken } from './token.ts'

/** The values of the arguments and options of `pds run`. */
export interface RunValues extends AccountValues {
  command: readonly string[]
  watchFile?: string
}

/** Runs a command with the token in its environment. Returns its exit code. */
export async function run(values: RunValues, context: CommandContext): Promise<number> {
  const { output, signal } = context
  const file = values.watchFile === undefined ? undefined : new TokenFile(values.watchFile)
  file?.assertReplaceable()
  const account = await openAccount(values, output)
  let stop: (() => void) | undefined
  try {
    const { access_token } = await getToken(account, values.user, context)
    if (signal.aborted) throw cancelled()
    const { api_endpoint, domain_id } = account.profile
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PDS_ACCESS_TOKEN: access_token,
      PDS_ACCESS_TOKEN_FILE: file?.path,
      PDS_API_ENDPOINT: api_endpoint,
      PDS_DOMAIN_ID: domain_id,
      PDS_PROFILE: account.name,
    }
    if (file) {
      file.write(access_token)
      stop = keepFresh(account.session, file, output)
    }
    const { code, signal: endedBy } = await startChild(values.command, env)
    return endedBy === null ? (code as number) : endLike(endedBy)
  } finally {
    stop?.()
    file?.remove()
    account.close()
  }
}

/** Ends this process as the command ended, so that a shell script stops after Ctrl-C. Returns the exit code otherwise. */
function endLike(signal: NodeJS.Signals): number {
  if (process.platform !== 'win32' && ['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal)) {
    // At the end, because a renewal may still have to write its token.
    process.once('exit', () => {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  }
  return 128 + constants.signals[signal]
}
