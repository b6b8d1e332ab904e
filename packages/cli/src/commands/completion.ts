import { usageError } from '../output/cli-error.ts'
import { findFolders } from '../profile/folders.ts'
import { Profiles } from '../profile/profiles.ts'
import type { CommandContext, CommandSpec } from './command.ts'
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { listCommands } from './completion-words.ts'
import { zshCompletion } from './completion-zsh.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

/**
 * Returns the command that writes the completion script of a shell. Its argument `profile-names` is for the scripts: it
 * writes the names of the profiles.
 */
export function createCompletion(
  table: readonly CommandSpec[],
): (values: { shell: string }, context: CommandContext) => Promise<void> {
  return async ({ shell }, { output }) => {
    if (shell === 'profile-names') {
      const names = new Profiles((await findFolders()).config).names()
      if (names.length > 0) output.result(names, names)
      return
    }
    if (!Object.hasOwn(scripts, shell)) {
      throw usageError({
        en: `The shell must be bash, zsh or fish (received ${shell}).`,
        zh: `shell 必须是 bash、zsh 或 fish（收到 ${shell}）。`,
      })
    }
    const script = scripts[shell as keyof typeof scripts](listCommands(table, output))
    output.result(script.trimEnd(), { shell, script })
  }
}
