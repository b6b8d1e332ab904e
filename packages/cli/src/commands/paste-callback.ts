import { createInterface } from 'node:readline'
import type { SignInWithBrowserOptions } from '@pds/auth-loopback'
import type { Output } from '../output/output.ts'

type PasteCode = Extract<SignInWithBrowserOptions['pasteCode'], (...args: never) => unknown>

/** Returns a function that lets the user paste the address of the callback, for a browser on another machine. */
export function pasteCallback(output: Output): PasteCode {
  let lines: AsyncIterator<string> | undefined
  return async ({ signal, error }) => {
    if (error) output.warning({ en: error.message, zh: `地址不正确：${error.message}` })
    else {
      output.message({
        en: 'If the browser is on another machine, sign in there, and paste the address that it cannot open:',
        zh: '如果浏览器在另一台计算机上，请在那里登录，然后粘贴浏览器无法打开的地址：',
      })
    }
    lines ??= createInterface({ input: process.stdin, terminal: false, signal })[Symbol.asyncIterator]()
    const { value, done } = await lines.next()
    // After the end of the input, the browser can still finish the sign-in.
    return done ? new Promise<never>(() => {}) : value
  }
}
