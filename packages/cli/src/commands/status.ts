import type { SessionStatus } from '@pds/session'
import { openAccount } from '../account/open-account.ts'
import { exitCode } from '../output/exit-code.ts'
import type { Text } from '../output/text.ts'
import { checkUser } from './check-user.ts'
import type { CommandContext } from './command.ts'
import type { AccountValues } from './token.ts'

/** Shows the stored state of a sign-in. Sends nothing. Returns 3 if a login is required. */
export async function run(values: AccountValues, { output }: CommandContext): Promise<number> {
  const account = await openAccount(values, output)
  try {
    const { name, profile, session } = account
    const { status, user, cause, expiresAt, error } = await session.status()
    if (error) throw error
    if (user) checkUser(account, user.id, values.user)
    const expires = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()
    const inParentheses = cause ? output.localize({ en: ` (${cause})`, zh: `（${cause}）` }) : ''
    const details: readonly [Text, string | undefined][] = [
      [{ en: 'Profile', zh: '配置' }, name],
      [{ en: 'Service', zh: '服务' }, profile.api_endpoint],
      [{ en: 'Application', zh: '应用' }, `${profile.client_id} (${profile.type})`],
      [{ en: 'State', zh: '状态' }, output.localize(stateTexts[status]) + inParentheses],
      [{ en: 'User', zh: '用户' }, user && [user.name, user.id && `(${user.id})`].filter(Boolean).join(' ')],
      [{ en: 'Token until', zh: '令牌有效期至' }, expires],
    ]
    const lines = details
      .filter(([, value]) => value !== undefined)
      .map(([label, value]) => output.labelled(label, `${value}`))
    output.result(lines, {
      profile: name,
      type: profile.type,
      api_endpoint: profile.api_endpoint,
      client_id: profile.client_id,
      status,
      cause: cause ?? null,
      user_id: user?.id ?? null,
      user_name: user?.name ?? null,
      expires_at: expires ?? null,
    })
    return status === 'login_required' || status === 'signed_out' ? exitCode.loginRequired : exitCode.ok
  } finally {
    account.close()
  }
}

const stateTexts: Readonly<Record<SessionStatus['status'], Text>> = {
  unknown: { en: 'unknown', zh: '未知' },
  new: { en: 'no token yet', zh: '尚无令牌' },
  ok: { en: 'signed in', zh: '已登录' },
  login_required: { en: 'login required', zh: '需要登录' },
  signed_out: { en: 'signed out', zh: '已退出' },
}
