import type { ITokenInfo } from '@pds/types'
import { type Account, openAccount } from '../account/open-account.ts'
import { usageError } from '../output/cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { checkUser } from './check-user.ts'
import type { CommandContext } from './command.ts'
import { getLastingToken } from './lasting-token.ts'

/** The values of the options that choose an account. */
export interface AccountValues {
  profile?: string
  user?: string
}

/** Writes an access token that is valid now. Reads only the store if it has one. */
export async function run(
  values: AccountValues & { show?: boolean },
  context: CommandContext,
): Promise<void> {
  const { output } = context
  if (output.isTerminal && !values.show) {
    throw usageError({
      en: 'The token is not written to a terminal. Use it in a command, such as $(pds token), or pass --show.',
      zh: '不会在终端显示令牌。请在命令中使用，例如 $(pds token)，或加上 --show。',
    })
  }
  const account = await openAccount(values, output)
  try {
    const { access_token, token_type, expires_in, expire_time } = await getToken(
      account,
      values.user,
      context,
    )
    output.result(access_token, { access_token, token_type, expires_in, expire_time })
  } finally {
    account.close()
  }
}

/** Returns the token of an account, and checks that it belongs to `user`. */
export async function getToken(
  account: Account,
  user: string | undefined,
  context: CommandContext,
): Promise<ITokenInfo> {
  const token = await withProgress(
    context,
    { en: 'Obtaining a token …', zh: '正在获取令牌…' },
    getLastingToken(account.session, context.signal),
  )
  checkUser(account, token.user_id, user)
  return token
}
