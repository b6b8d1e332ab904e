import { cancelled, usageError } from '../output/cli-error.ts'
import type { Output } from '../output/output.ts'
import { findFolders } from '../profile/folders.ts'
import { Profiles } from '../profile/profiles.ts'
import type { CommandContext } from './command.ts'

/** Makes a profile the current one. A terminal asks for it. */
export async function run(values: { name?: string }, context: CommandContext): Promise<void> {
  const { output } = context
  const profiles = new Profiles((await findFolders()).config)
  const name = values.name ?? (await askProfile(profiles, context))
  profiles.find(name)
  selectProfile(name, profiles, output)
  output.message({ en: `The current profile is ${name}.`, zh: `当前配置：${name}。` })
  if (output.isJson) output.result([], { profile: name })
}

/** Makes a profile the current one, and warns if a variable selects another one. */
export function selectProfile(name: string, profiles: Profiles, output: Output): void {
  profiles.select(name)
  const used = profiles.currentName()
  if (used === name) return
  output.warning({
    en: `The variable PDS_PROFILE selects ${used} in this shell.`,
    zh: `环境变量 PDS_PROFILE 在此 shell 中选择了 ${used}。`,
  })
}

async function askProfile(profiles: Profiles, { output, signal }: CommandContext): Promise<string> {
  const names = profiles.names()
  if (!process.stdin.isTTY || output.isJson || names.length === 0) {
    throw usageError({
      en: 'The name of the profile is missing. Run: pds profiles',
      zh: '缺少配置名。请运行：pds profiles',
    })
  }
  const { isCancel, select } = await import('@clack/prompts')
  const answer = await select({
    message: output.localize({ en: 'Profile', zh: '配置' }),
    options: names.map((name) => ({ value: name })),
    initialValue: profiles.currentName() as string,
    output: process.stderr,
    signal,
  })
  if (isCancel(answer)) throw cancelled()
  return answer
}
