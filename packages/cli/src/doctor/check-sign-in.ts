import { existsSync } from 'node:fs'
import { openAccount, storePath } from '../account/open-account.ts'
import { checkUser } from '../commands/check-user.ts'
import { CliError } from '../output/cli-error.ts'
import type { Text } from '../output/text.ts'
import { type Check, type CheckResult, reasonOf } from './check.ts'

const login: Text = { en: 'Run: pds login', zh: '请运行：pds login' }

/** Checks the stored sign-in, without a request. */
export const checkSignIn: Check = {
  name: 'sign_in',
  title: { en: 'Sign-in', zh: '登录' },
  needs: ['profile'],
  async run({ folders, options, output, states, named }) {
    if ([states.get('key'), states.get('store')].includes('fail')) {
      return { state: 'skip', text: { en: 'the stored tokens cannot be read', zh: '无法读取已保存的令牌' } }
    }
    const isService = named?.profile.type === 'service'
    const none: CheckResult = isService
      ? {
          state: 'ok',
          text: { en: 'no token yet: the next command obtains one', zh: '尚无令牌：下一个命令会获取' },
        }
      : { state: 'warn', text: { en: 'not signed in yet', zh: '尚未登录' }, advice: login }
    if (!existsSync(storePath(folders))) return none
    const account = await openAccount(options, output)
    try {
      const { status, user, cause, expiresAt, error } = await account.session.status()
      if (error) {
        return {
          state: 'fail',
          text: {
            en: `cannot be read: ${reasonOf(error)} (${error.message})`,
            zh: `无法读取：${reasonOf(error)}（${error.message}）`,
          },
          advice: login,
        }
      }
      if (user) checkUser(account, user.id, options.user)
      if (status === 'new' || status === 'unknown') return none
      if (status === 'signed_out') {
        return { state: 'warn', text: { en: 'signed out', zh: '已退出登录' }, advice: login }
      }
      if (status === 'login_required') {
        return {
          state: 'fail',
          text: { en: `the sign-in has ended (${cause})`, zh: `登录已结束（${cause}）` },
          advice: login,
        }
      }
      const who = user?.name ?? user?.id ?? account.profile.client_id
      const until = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()
      return {
        state: 'ok',
        text: {
          en: `signed in as ${who}${until ? `, token valid until ${until}` : ''}`,
          zh: `已登录：${who}${until ? `，令牌有效期至 ${until}` : ''}`,
        },
      }
    } catch (error) {
      if (error instanceof CliError) return { state: 'fail', text: error.text }
      throw error
    } finally {
      account.close()
    }
  },
}
