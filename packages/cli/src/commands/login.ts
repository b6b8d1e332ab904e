import { type FirstToken, obtainFirst } from '../account/obtain-first.ts'
import { openSession } from '../account/open-account.ts'
import { withProgress } from '../output/progress.ts'
import { findFolders } from '../profile/folders.ts'
import type { UserProfile } from '../profile/profile.ts'
import { Profiles } from '../profile/profiles.ts'
import { checkUser } from './check-user.ts'
import type { CommandContext } from './command.ts'
import { chooseProfile, type LoginValues } from './login-profile.ts'
import { pasteCallback } from './paste-callback.ts'

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
    await session.status()
    const { token, transport } =
      profile.type === 'user'
        ? await signIn(profile, values.browser !== false, context)
        : await withProgress(
            context,
            { en: 'Checking the key …', zh: '正在检查密钥…' },
            obtainFirst(profile, values.user, signal),
          )
    checkUser(named, token, values.user)
    // The stored times are of the service's clock.
    if (transport.hasServerTime()) clock.measure(transport.now())
    // This also starts a session that was signed out.
    await session.setToken(token)
    profiles.write(name, profile)
    profiles.select(name)
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
