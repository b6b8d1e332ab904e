import type { PDSTransport } from '@pds/core'
import type { TokenInfo } from '@pds/types'
import { type FirstToken, obtainFirst } from '../account/obtain-first.ts'
import { openSession } from '../account/open-account.ts'
import { CliError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'
import { withProgress } from '../output/progress.ts'
import { findFolders } from '../profile/folders.ts'
import type { UserProfile } from '../profile/profile.ts'
import { Profiles } from '../profile/profiles.ts'
import type { CommandContext } from './command.ts'
import { chooseProfile, type LoginValues } from './login-profile.ts'
import { pasteCallback } from './paste-callback.ts'
import { selectProfile } from './switch.ts'

// In milliseconds.
const revokeTimeout = 10_000

/** Signs in, and writes the profile once that has succeeded. */
export async function run(values: LoginValues, context: CommandContext): Promise<void> {
  const { output, signal } = context
  const folders = await findFolders()
  const profiles = new Profiles(folders.config)
  const named = await chooseProfile(values, profiles, context)
  const { name, profile } = named
  // Before the browser opens, so that a store that fails costs no sign-in.
  const account = await openSession(named, values.user, folders, output)
  try {
    const { session, clock } = account
    const { user: before } = await session.status()
    const { token, transport } =
      profile.type === 'user'
        ? await signIn(profile, values.browser !== false, context)
        : await withProgress(
            context,
            { en: 'Checking the key …', zh: '正在检查密钥…' },
            obtainFirst(profile, values.user, signal),
          )
    if (profile.type === 'user' && values.user !== undefined && token.user_id !== values.user) {
      await revoke(token, profile, transport, context)
      throw otherUser(token.user_id, values.user, before !== undefined)
    }
    // The stored times are of the service's clock.
    if (transport.hasServerTime()) clock.measure(transport.now())
    // This also starts a session that was signed out.
    await session.setToken(token)
    profiles.write(name, profile)
    selectProfile(name, profiles, output)
    const { user } = session.state
    const who = user?.name ?? user?.id ?? profile.client_id
    output.message({
      en: `${output.style('green', '✓')} Signed in as ${who}. Profile: ${name}`,
      zh: `${output.style('green', '✓')} 已登录：${who}。配置：${name}`,
    })
    if (output.isJson)
      output.result([], { profile: name, user_id: user?.id ?? null, user_name: user?.name ?? null })
  } finally {
    account.close()
  }
}

/** Revokes a token that is not stored. If that fails, the token stays valid until it expires. */
async function revoke(
  { refresh_token }: TokenInfo,
  { client_id }: UserProfile,
  transport: PDSTransport,
  context: CommandContext,
): Promise<void> {
  if (refresh_token === undefined) return
  const { revokeToken } = await import('@pds/auth-oauth')
  const { signal } = context
  const revoked = revokeToken(
    transport,
    { client_id, refresh_token },
    { signal, totalTimeout: revokeTimeout },
  )
  const text = { en: 'Revoking the token …', zh: '正在吊销令牌…' }
  await withProgress(
    context,
    text,
    revoked.catch(() => undefined),
  )
}

function otherUser(signedIn: string | undefined, wanted: string, hadSignIn: boolean): CliError {
  const kept = hadSignIn
    ? { en: 'The old sign-in is kept.', zh: '原有登录保持不变。' }
    : { en: 'Nothing was stored.', zh: '未保存任何内容。' }
  return new CliError(
    'OtherUser',
    {
      en: `You signed in as ${signedIn}, not as ${wanted}. ${kept.en} Run the command again, and sign in as ${wanted} in the browser.`,
      zh: `登录的用户是 ${signedIn}，而不是 ${wanted}。${kept.zh}请再次运行该命令，并在浏览器中以 ${wanted} 登录。`,
    },
    exitCode.loginRequired,
  )
}

async function signIn(
  profile: UserProfile,
  canOpen: boolean,
  { output, signal }: CommandContext,
): Promise<FirstToken> {
  const [{ signInWithBrowser }, { createTransport }] = await Promise.all([
    import('@pds/auth-loopback'),
    import('@pds/core/fetch'),
  ])
  const { api_endpoint, client_id, redirect_uri } = profile
  const transport = createTransport({ api_endpoint })
  const hasTerminal = process.stdin.isTTY === true
  const token = await signInWithBrowser(
    transport,
    { client_id, ...(redirect_uri !== undefined && { redirect_uri }) },
    {
      signal,
      ...(!canOpen && { openBrowser: false }),
      pasteCode: hasTerminal && pasteCallback(output),
      onAddress({ url, reason }) {
        if (reason) {
          output.message({
            en: 'No browser opened. Open the address above.',
            zh: '未能打开浏览器。请打开上面的地址。',
          })
          return
        }
        output.message(
          {
            en: `Open this address${canOpen ? ' if no browser opens' : ''}:\n${url}`,
            zh: `${canOpen ? '如果浏览器没有打开，' : ''}请打开此地址：\n${url}`,
          },
          { url },
        )
      },
    },
  )
  return { token, transport }
}
