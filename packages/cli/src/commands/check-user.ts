import { CliError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'
import type { NamedProfile } from '../profile/profiles.ts'

/**
 * Checks that `user` is the one who signed in, and throws otherwise. A JWT application obtains the token of that user.
 */
export function checkUser(
  { name, profile }: NamedProfile,
  signedIn: string | undefined,
  user: string | undefined,
): void {
  if (profile.type === 'service' || user === undefined || signedIn === user) return
  throw new CliError(
    'OtherUser',
    {
      en: `Profile ${name} is signed in as another user (${signedIn}). Run: pds login --profile <name>`,
      zh: `配置 ${name} 登录的是另一个用户（${signedIn}）。请运行：pds login --profile <配置名>`,
    },
    exitCode.loginRequired,
  )
}
