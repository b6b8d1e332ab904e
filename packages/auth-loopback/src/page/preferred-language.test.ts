import { expect, it } from 'vitest'
import { preferredLanguage } from './preferred-language.ts'

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'en'],
  ['zh', 'zh'],
  ['zh-Hant-TW', 'zh'],
  ['ZH-cn', 'zh'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en-US,en;q=0.9,zh;q=0.8', 'en'],
  ['fr, zh;q=0.5', 'zh'],
  ['en;q=0.3, zh-TW; q=0.7', 'zh'],
  ['zh;q=0, en;q=0.1', 'en'],
  ['zh;q=0', 'en'],
  ['fr, *;q=0.5', 'en'],
  ['zhx, ;;;=, q=1', 'en'],
] as const)('the language for %j is %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language)
})
