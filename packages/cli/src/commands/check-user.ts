import type { TokenInfo } from '@pds/types'
import { CliError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'
import type { NamedProfile } from '../profile/profiles.ts'

/** Checks that a token belongs to `user`. A JWT application obtains the token of that user. */
export function checkUser({ name, profile }: NamedProfile, token: TokenInfo, user: string | undefined): void {
  if (profile.type === 'service' || user === undefined || token.user_id === user) return
  throw new CliError(
    'OtherUser',
    {
      en: `Profile ${name} is signed in as another user (${token.user_id}). Run: pds login --profile <name>`,
      zh: `配置 ${name} 登录的是另一个用户（${token.user_id}）。请运行：pds login --profile <配置名>`,
    },
    exitCode.loginRequired,
  )
}
