import { expect, it } from 'vitest'
import * as browser from './signing.browser.ts'

it.each(Object.entries(browser))('%s throws UnsupportedEnvironment in a browser', async (name, method) => {
  // jwtGrant and fromEnv throw, the others reject.
  const call = async () => (method as () => unknown)()
  await expect(call()).rejects.toMatchObject({
    name: 'PDSError',
    code: 'UnsupportedEnvironment',
    outcome: 'not-sent',
    message: `${name} does not run in a browser, where a private key cannot be kept secret: call it on your server`,
  })
})
