import { expect, it } from 'vitest'
import * as browser from './signing.browser.ts'

it.each(Object.entries(browser))('%s says that a browser is not the place', async (name, method) => {
  // One of them is no promise.
  const call = async () => (method as () => unknown)()
  await expect(call()).rejects.toMatchObject({
    name: 'PDSError',
    code: 'UnsupportedEnvironment',
    outcome: 'not-sent',
    message: `${name} does not run in a browser, where a private key cannot be kept: call it on your server`,
  })
})
