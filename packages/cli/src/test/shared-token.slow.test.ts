import { beforeEach, describe, expect, it } from 'vitest'
import { holdTokens } from './held-tokens.test-helper.ts'
import { approves, Home, hour, type PdsProcess, startDomain } from './pds-process.test-helper.ts'

/* Processes that share a token: at the same time, after a kill, and with a wrong clock. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

/** Starts processes together, and returns the tokens that they write. */
async function tokensOf(count: number, ...commands: string[]): Promise<Set<string>[]> {
  const exits = await Promise.all(
    commands.map((command) => Promise.all(Array.from({ length: count }, () => home.run(command)))),
  )
  for (const exit of exits.flat()) expect(exit).toMatchObject({ code: 0 })
  return exits.map((each) => new Set(each.map(({ stdout }) => stdout.trim())))
}

/** Checks that the service accepts a token. */
async function isAccepted(token: string | undefined): Promise<boolean> {
  const { status } = await fetch(`${home.emulator.api_endpoint}/v2/user/get`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  return status !== 401
}

async function expectOneValidToken(tokens: Set<string> | undefined): Promise<void> {
  expect(tokens?.size).toBe(1)
  expect(await isAccepted([...(tokens ?? [])][0])).toBe(true)
}

describe('20 processes at once', () => {
  it('refresh the token of a user once', async () => {
    await home.signIn()
    home.pass()
    const [tokens] = await tokensOf(20, 'token')
    await expectOneValidToken(tokens)
    expect(home.count('refresh_token')).toBe(1)
    expect(home.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('obtain the first token of a user of a JWT application once', async () => {
    await home.run(home.serviceLogin)
    home.emulator.clearRequests()
    const [tokens] = await tokensOf(20, 'token --user ann')
    await expectOneValidToken(tokens)
    expect(home.emulator.requests.filter(({ path }) => path === '/v2/oauth/token')).toHaveLength(1)
  })

  it('refresh the tokens of two profiles once each', async () => {
    await home.signIn('first', 'ann')
    await home.signIn('second', 'bob')
    home.pass()
    const [first, second] = await tokensOf(10, 'token -p first', 'token -p second')
    await expectOneValidToken(first)
    await expectOneValidToken(second)
    expect(home.count('refresh_token')).toBe(2)
    expect(home.emulator.invalidTokenUses.refresh).toBe(0)
  })
})

describe('a process that ends during a refresh', () => {
  /** Starts a refresh whose response is held back, and waits until the service has carried it out. */
  async function startSlowRefresh(milliseconds: number, when: 'before' | 'after'): Promise<PdsProcess> {
    await home.signIn()
    home.pass()
    home.emulator.injectFault({ type: 'delay', milliseconds, when, path: '/v2/oauth/token' })
    const process = home.start(['token'])
    await expect.poll(() => home.emulator.faults).toEqual([])
    return process
  }

  it('loses no sign-in if it is killed before the service has the request', async () => {
    const { child, exit } = await startSlowRefresh(hour, 'before')
    child.kill('SIGKILL')
    await exit
    // The lease of the killed process expires.
    home.moveClock(31_000)
    const [tokens] = await tokensOf(3, 'token')
    await expectOneValidToken(tokens)
  })

  it('loses no sign-in if it is killed and the service returns the same tokens for some time', async () => {
    const emulator = await startDomain({ rotation: { grace: 60_000 } })
    home = new Home(emulator)
    const { child, exit } = await startSlowRefresh(hour, 'after')
    child.kill('SIGKILL')
    await exit
    home.moveClock(31_000)
    const [tokens] = await tokensOf(3, 'token')
    await expectOneValidToken(tokens)
    expect(emulator.invalidTokenUses.refresh).toBe(0)
  })

  it('needs a login if it is killed and the response is lost, after which all is well', async () => {
    const { child, exit } = await startSlowRefresh(hour, 'after')
    child.kill('SIGKILL')
    await exit
    // The lease, and then the time for which the killed process could still write.
    home.moveClock(31_000)
    const { code, stderr } = await home.run('token')
    expect(code).toBe(3)
    expect(stderr).toContain('Run: pds login')
    expect(await home.json('status')).toMatchObject({ status: 'login_required', cause: 'lost_response' })
    await home.signIn()
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })

  it('replays a refresh whose response is lost', async () => {
    home = new Home(await startDomain({ rotation: { grace: 60_000 } }))
    await home.signIn()
    home.pass()
    home.emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
    const [tokens] = await tokensOf(1, 'token')
    await expectOneValidToken(tokens)
  })

  it('stores the new token after Ctrl-C', async () => {
    const { emulator, hold } = await holdTokens(home.emulator)
    home = new Home(emulator)
    await home.signIn()
    home.pass()
    const tokens = hold()
    const { child, exit, says } = home.start(['token'])
    await tokens.arrived
    child.kill('SIGINT')
    await says(/Cancelled/)
    tokens.release()
    expect(await exit).toEqual({ code: 130, stdout: '', stderr: expect.stringContaining('Cancelled.') })
    const [found] = await tokensOf(1, 'token')
    await expectOneValidToken(found)
    expect(home.count('refresh_token')).toBe(1)
  })

  it('stores the new token of a refresh in the background', async () => {
    const { expires_in } = await home.signIn()
    // Less than 5 minutes are left, so each use of the token renews it.
    home.pass(expires_in * 1000 - 240_000)
    home.emulator.injectFault({
      type: 'delay',
      milliseconds: 1000,
      when: 'after',
      path: '/v2/oauth/token',
    })
    expect(await home.run('api /user/get')).toMatchObject({ code: 0 })
    expect(home.count('refresh_token')).toBe(1)
    const [tokens] = await tokensOf(1, 'token')
    await expectOneValidToken(tokens)
    expect(home.count('refresh_token')).toBe(1)
    expect(home.emulator.invalidTokenUses.refresh).toBe(0)
  })
})

describe.each([3, -3])('a clock that is wrong by %i hours', (hours) => {
  beforeEach(() => home.moveClock(hours * hour))

  it('makes one refresh at most if it is set wrong after the sign-in', async () => {
    await home.signIn()
    await tokensOf(8, 'token')
    const [tokens] = await tokensOf(4, 'token')
    await expectOneValidToken(tokens)
    expect(home.count('refresh_token')).toBe(hours > 0 ? 1 : 0)
  })

  it('changes nothing for a user who signed in with it', async () => {
    home.useBrowser(approves)
    expect(await home.run(home.browserLogin)).toMatchObject({ code: 0 })
    const [first] = await tokensOf(4, 'token')
    await expectOneValidToken(first)
    expect(home.count('refresh_token')).toBe(0)
    home.pass()
    const [second] = await tokensOf(8, 'token')
    await expectOneValidToken(second)
    expect(home.count('refresh_token')).toBe(1)
    // The clock is set right.
    home.moveClock(-hours * hour)
    expect((await tokensOf(4, 'token'))[0]).toEqual(second)
    expect(home.count('refresh_token')).toBe(1)
    home.pass()
    const [third] = await tokensOf(8, 'token')
    await expectOneValidToken(third)
    expect(home.count('refresh_token')).toBe(2)
    expect(home.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('changes nothing for a JWT application', async () => {
    expect(await home.run(home.serviceLogin)).toMatchObject({ code: 0 })
    const [tokens] = await tokensOf(4, 'token')
    await expectOneValidToken(tokens)
    home.pass()
    const [later] = await tokensOf(8, 'token')
    await expectOneValidToken(later)
    expect(later).not.toEqual(tokens)
    expect((await tokensOf(4, 'token'))[0]).toEqual(later)
    expect(home.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
