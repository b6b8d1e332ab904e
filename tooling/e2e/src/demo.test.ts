import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'

it('the guided run shows all five methods and the rotation, and no secret', async () => {
  const start = path.join(repository, 'tooling', 'demo', 'dist', 'start.js')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [start])
  expect(stderr).toBe('')
  const steps = stdout.match(/^\d\. \w+/gm)
  expect(steps).toEqual([
    '1. getUserJwtToken',
    '2. getServiceJwtToken',
    '3. refreshJwtToken',
    '4. getTokenByCode',
    '5. refreshToken',
    '6. rotation',
  ])
  const answers = stdout.match(/came back: \d+|code +\w+[\w.]+$/gm)
  expect(answers).toEqual([
    'came back: 200',
    'came back: 200',
    'came back: 200',
    'came back: 302',
    'came back: 200',
    'came back: 200',
    'came back: 401',
    'code              AccessTokenInvalid',
    'came back: 200',
    'came back: 401',
    'code              AccessTokenInvalid',
    'came back: 200',
    'came back: 400',
    'code              InvalidParameter.RefreshToken',
  ])
  expect(stdout).toMatch(/All five methods worked, and the old tokens were refused after the refresh\.\n$/)
  expect(stdout).toMatch(/ {5}refresh_token {5}\*{3}[\w-]{8}\*{3} \(32 characters\)/)
  // Tokens, codes, assertions and keys: no run of their alphabets is as long as the shortest of them.
  expect(stdout).not.toMatch(/[0-9a-f]{32}|eyJ[\w-]{20}|BEGIN|webserver-app-secret/)
})
