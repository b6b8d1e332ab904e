import { signInWithBrowser } from '@pds/auth-loopback'
import { isPDSError } from '@pds/core'
import { openSession } from './open-session.ts'

const { transport, app, session } = await openSession()

const commands: Record<string, () => Promise<string>> = {
  async 'sign-in'() {
    // Over SSH, the user pastes the address of the callback.
    const token = await signInWithBrowser(transport, app, { pasteCode: process.stdin.isTTY })
    await session.setToken(token)
    return `signed in as ${token.user_name}`
  },
  async whoami() {
    const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
    if (!response.ok) throw new Error(`the service responded with ${response.status}`)
    const { user_name } = await response.json()
    return user_name
  },
  async 'sign-out'() {
    const { revoked } = await session.signOut()
    return revoked ? 'signed out' : 'signed out on this machine, but the token was not revoked'
  },
}

try {
  const run = commands[process.argv[2] ?? '']
  if (!run) throw new Error(`usage: node main.ts ${Object.keys(commands).join('|')}`)
  console.log(await run())
} catch (error) {
  const isSignedOut = isPDSError(error) && error.code === 'LoginRequired'
  console.error(isSignedOut ? `Sign in first: node main.ts sign-in (${error.cause})` : error)
  process.exitCode = 1
} finally {
  session.close()
}
