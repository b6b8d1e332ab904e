import { expect, it } from 'vitest'
import { chineseName } from './chinese-name.ts'
import { keptReport } from './kept-report.ts'

it('translates what stands around the names of packages, which stay', () => {
  expect(chineseName('an assertion, 16 at a time')).toBe('签署断言，并发数 16')
  expect(chineseName('a valid token from a session, hot, on memory')).toBe(
    '从会话取得仍然有效的令牌，存储：内存',
  )
  expect(chineseName('browser bytes of @pds/auth-oauth, the whole flow, min+gzip')).toBe(
    '浏览器中的大小，min+gzip：@pds/auth-oauth 完整登录流程',
  )
  for (const name of ['axios + jsonwebtoken', 'session.getAccessToken', '@pds/core']) {
    expect(chineseName(name)).toBe(name)
  }
})

it('gives each work another name, and throws where it has none', () => {
  const names = keptReport.works.map(({ name }) => chineseName(name))
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => !/\p{Script=Han}/u.test(name))).toEqual([])
  expect(() => chineseName('a new work, 1 at a time')).toThrow(
    'chinese-name.ts has no "a new work, 1 at a time"',
  )
})
