import { expect, it } from 'vitest'
import { toChinese } from './to-chinese.ts'

it.each([
  ['| benchmark | ours | — |', '| 基准测试 | 本 SDK | — |'],
  [
    'Code exchange over loopback with @pds/core, concurrency 16',
    '经本机回环用授权码换取令牌，使用 @pds/core，并发数 16',
  ],
  [
    'axios + jsonwebtoken 1.30× ±7%, openid-client + jose **0.95× ±8%**',
    'axios + jsonwebtoken 1.30× ±7%, openid-client + jose **0.95× ±8%**',
  ],
  ['`none`, `client_secret_basic`', '`none`、`client_secret_basic`'],
  ['none', '无'],
  ['![Memory](charts/memory.svg)', '![内存](charts/memory.svg)'],
  ['passes; has no PKCE', '通过；没有 PKCE'],
])('%s', (english, chinese) => {
  expect(toChinese(english)).toBe(chinese)
})

it.each(['a session that waits', 'refreshes', 'passes slowly'])(
  'rejects the words without a translation in: %s',
  (text) => {
    expect(() => toChinese(text)).toThrow('no Chinese for "')
  },
)
