import { CliError } from '../output/cli-error.ts'
import { findFolders } from '../profile/folders.ts'
import type { Profile } from '../profile/profile.ts'
import { Profiles } from '../profile/profiles.ts'
import type { CommandContext } from './command.ts'

/** Lists the profiles. The current one has an asterisk. */
export async function run(_values: object, { output }: CommandContext): Promise<void> {
  const profiles = new Profiles((await findFolders()).config)
  const current = profiles.currentName()
  const list: (Profile & { name: string; is_current: boolean })[] = []
  const names = profiles.names()
  for (const name of names) {
    try {
      const profile = profiles.read(name)
      if (profile) list.push({ name, is_current: name === current, ...profile })
    } catch (error) {
      // The other profiles are usable.
      if (!(error instanceof CliError)) throw error
      output.warning(error.text)
    }
  }
  if (list.length === 0 && !output.isJson) {
    // The warnings name the damaged ones.
    if (names.length > 0) return
    return output.message({
      en: 'There is no profile yet. Run: pds login',
      zh: '还没有配置。请运行：pds login',
    })
  }
  const width = Math.max(...list.map(({ name }) => name.length))
  const lines = list.map(
    ({ name, is_current, api_endpoint, client_id, type }) =>
      `${is_current ? '*' : ' '} ${name.padEnd(width)}  ${new URL(api_endpoint).host}  ${client_id} (${type})`,
  )
  output.result(lines, list)
}
