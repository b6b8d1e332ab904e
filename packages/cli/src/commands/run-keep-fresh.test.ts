import { readFileSync } from 'node:fs'
import { getTokenByCode, oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core/fetch'
import { createSession } from '@pds/session'
import { expect, it, onTestFinished } from 'vitest'
import { Home, silentContext, startDomain } from './command-process.test-helper.ts'
import { keepFresh } from './run-keep-fresh.ts'
import { TokenFile } from './run-token-file.ts'

it('renews the token in the file before it expires, and warns of a failure', async () => {
  const emulator = await startDomain()
  const { client_id } = emulator.app('native')
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const grant = oauthGrant({ transport, client_id })
  const session = createSession({ key: 'me', grant, clock: () => emulator.clock.now() })
  onTestFinished(() => session.close())
  const code = emulator.createCode({ client_id })
  const redirect_uri = 'http://127.0.0.1:3000/callback'
  await session.setToken(await getTokenByCode(transport, { client_id, redirect_uri, code }))
  const first = await session.getAccessToken()

  const file = new TokenFile(new Home().file('token'))
  file.write(first)
  const { output, written } = silentContext(false, 'zh')
  onTestFinished(keepFresh(session, file, output))
  // 4 of 120 minutes are left.
  emulator.clock.advance(116 * 60_000)
  const content = () => readFileSync(file.path, 'utf8')
  await expect.poll(content).not.toBe(first)
  expect(content()).toBe(await session.getAccessToken())

  emulator.clock.advance(2 * 3_600_000)
  emulator.injectFault({ type: 'status', status: 400, code: 'InvalidParameter.ClientId' })
  await expect.poll(() => written.stderr).toContain('文件中的令牌未更新。')
  expect(written.stderr).toContain('InvalidParameter.ClientId')
})
