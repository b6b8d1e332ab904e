import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { spawn } from '@lydell/node-pty'
import { expect, it } from 'vitest'
import { holdTokens } from '../test/held-tokens.test-helper.ts'
import { bin, ended, Home, startDomain, startService } from './command-process.test-helper.ts'

// In milliseconds: the rest of the token's 2 hours is short enough for a renewal.
const almost2Hours = 116 * 60_000

it('replaces the file of a run that was killed', async () => {
  const { home } = await startService()
  const idle = ['-e', 'console.log("ready"); setInterval(() => {}, 1e6)']
  const child = home.start(['run', '--watch-file', 'token.txt', '--', process.execPath, ...idle], {
    detached: true,
  })
  await once(child.stdout as never, 'data')
  process.kill(-(child.pid as number), 'SIGKILL')
  await once(child, 'exit')
  expect(existsSync(home.file('token.txt'))).toBe(true)
  const { code } = await home.pds('run', '--watch-file', 'token.txt', 'test', '-s', 'token.txt')
  expect(code).toBe(0)
  expect(existsSync(home.file('token.txt'))).toBe(false)
})

it('keeps the token of the file valid after another process replaced it, and warns once of a failure', async () => {
  const emulator = await startDomain()
  const home = new Home()
  const first = await home.signInUser(emulator)
  const job = home.write(
    'job.mjs',
    `import { readFileSync } from 'node:fs'
     const { PDS_ACCESS_TOKEN_FILE: file } = process.env
     let last
     setInterval(() => {
       const token = readFileSync(file, 'utf8')
       if (token !== last) console.log(last = token)
     }, 10)
     process.on('SIGTERM', () => process.exit())`,
  )
  const child = home.start(['run', '--watch-file', 'token.txt', process.execPath, job])
  const tokens: string[] = []
  let errors = ''
  child.stdout?.on('data', (data) => tokens.push(...String(data).trim().split('\n')))
  child.stderr?.on('data', (data) => {
    errors += data
  })
  await expect.poll(() => tokens.at(-1)).toBe(first)
  // Another sign-in replaces the token.
  const second = await home.signInUser(emulator)
  await expect.poll(() => tokens.at(-1)).toBe(second)
  await home.pds('logout')
  await expect.poll(() => errors).toContain('was not renewed. You are not signed in.')
  const third = await home.signInUser(emulator)
  await expect.poll(() => tokens.at(-1)).toBe(third)
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(errors.match(/was not renewed/g)).toHaveLength(1)
  expect(existsSync(home.file('token.txt'))).toBe(false)
})

it('passes a token that a renewal does not invalidate', async () => {
  const emulator = await startDomain()
  const home = new Home()
  const old = await home.signInUser(emulator)
  home.moveClock(almost2Hours)
  emulator.clock.advance(almost2Hours)
  const { stdout } = await home.pds('run', 'sh', '-c', 'echo $PDS_ACCESS_TOKEN')
  expect(stdout.trim()).not.toBe(old)
  expect(await home.pds('token')).toMatchObject({ stdout })
  expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
})

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'stores the token of a refresh after %s',
  async (signal) => {
    const { emulator, hold } = await holdTokens(await startDomain())
    const home = new Home()
    await home.signInUser(emulator)
    home.moveClock(2 * almost2Hours)
    emulator.clock.advance(2 * almost2Hours)
    const tokens = hold()
    const child = home.start(['run', 'echo', 'started'])
    const result = ended(child)
    let errors = ''
    child.stderr?.on('data', (data) => {
      errors += data
    })
    await tokens.arrived
    child.kill(signal)
    await expect.poll(() => errors).toContain('Cancelled.')
    tokens.release()
    expect(await result).toMatchObject({ code: 130, stdout: '' })
    const { code, stdout } = await home.pds('whoami', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { user_id: 'user-1' }])
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  },
)

it('lets a terminal send Ctrl-C to the command, once', async () => {
  const { home } = await startService()
  const job = home.write(
    'job.mjs',
    `let count = 0
     process.on('SIGINT', () => { console.log('caught', ++count); setTimeout(() => process.exit(count), 300) })
     setInterval(() => {}, 1e6)
     console.log('ready')`,
  )
  const terminal = spawn(process.execPath, [bin, 'run', process.execPath, job], {
    cwd: home.folder,
    env: home.env as Record<string, string>,
  })
  let written = ''
  terminal.onData((data) => {
    written += data
  })
  const exit = new Promise((resolve) => terminal.onExit(resolve))
  await expect.poll(() => written).toContain('ready')
  terminal.write('\x03')
  expect(await exit).toMatchObject({ exitCode: 1 })
  expect(written).not.toContain('caught 2')
})

it.each(['SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('forwards %s and waits for the command', async (signal) => {
  const { home } = await startService()
  const job = home.write(
    'job.mjs',
    `process.once('${signal}', () => { console.log('caught'); setTimeout(() => process.exit(5), 50) })
     setInterval(() => {}, 1e6)
     console.log('ready')`,
  )
  const child = home.start(['run', '--watch-file', 'token.txt', process.execPath, job])
  const result = ended(child)
  await once(child.stdout as never, 'data')
  child.kill(signal)
  expect(await result).toMatchObject({ code: 5, stdout: 'ready\ncaught\n' })
  expect(existsSync(home.file('token.txt'))).toBe(false)
})
