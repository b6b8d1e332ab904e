import { openAccount } from '../account/open-account.ts'
import { usageError } from '../output/cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { findFolders } from '../profile/folders.ts'
import { Profiles } from '../profile/profiles.ts'
import { checkUser } from './check-user.ts'
import type { CommandContext } from './command.ts'
import type { AccountValues } from './token.ts'

/** Deletes the token of a profile and revokes it at the service. */
export async function run(
  values: AccountValues & { forget?: boolean },
  context: CommandContext,
): Promise<void> {
  const { output } = context
  if (values.forget && values.user !== undefined) {
    throw usageError({
      en: '--forget deletes the profile for all users. Run it without --user.',
      zh: '--forget 会删除所有用户的配置。请不带 --user 运行。',
    })
  }
  const account = await openAccount(values, output)
  const { name, session } = account
  try {
    const { status, user } = await session.status()
    if (user) checkUser(account, user.id, values.user)
    const hadToken = status === 'ok'
    const { revoked } = await withProgress(
      context,
      { en: 'Revoking the token …', zh: '正在吊销令牌…' },
      session.signOut(),
    )
    if (hadToken && !revoked) {
      output.warning({
        en: 'The token was deleted here, but the service could not revoke it. It stays valid until it expires.',
        zh: '本机的令牌已删除，但服务未能吊销它。令牌在过期前仍然有效。',
      })
    }
    if (values.forget) new Profiles((await findFolders()).config).delete(name)
    output.message({ en: `Signed out of profile ${name}.`, zh: `已退出配置 ${name} 的登录。` })
    if (output.isJson) output.result([], { profile: name, revoked })
  } finally {
    account.close()
  }
}
