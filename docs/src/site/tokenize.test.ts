import { describe, expect, it } from 'vitest'
import { tokenize } from './tokenize.ts'

describe('tokenize', () => {
  it.each([
    ['Refreshes a token, once.', ['Refreshes', 'a', 'token', 'once']],
    ['createSession({ key })', ['createSession', 'key']],
    ['login_required', ['login_required', 'login', 'required']],
    ['InvalidParameter.RefreshToken', ['InvalidParameter', 'RefreshToken']],
    ['刷新令牌', ['刷新', '令牌']],
    ['会话通过 store 共享令牌。', ['会话', '通过', 'store', '共享', '令牌']],
    ['', []],
  ])('splits %j', (text, words) => {
    expect(tokenize(text)).toEqual(words)
  })

  it('works as a copy of its source', () => {
    const copy = new Function(`return ${tokenize}`)() as typeof tokenize
    expect(copy('重定向 URI')).toEqual(tokenize('重定向 URI'))
  })
})
