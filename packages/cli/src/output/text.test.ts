import { expect, it } from 'vitest'
import { readLanguage } from './text.ts'

it.each([
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh' }, 'zh'],
  [{ LANG: 'ZH-Hant-TW' }, 'zh'],
  [{ LANG: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'C' }, 'en'],
  [{ LANG: 'zha' }, 'en'],
  [{ LC_ALL: 'zh_CN', LANG: 'en_US' }, 'zh'],
  [{ LC_ALL: 'C.UTF-8', LANG: 'zh_CN' }, 'en'],
  [{ LC_MESSAGES: 'zh_CN', LANG: 'en_US' }, 'zh'],
  [{ LC_ALL: '', LANG: 'zh_CN' }, 'zh'],
  [{ PDS_LANG: 'en', LC_ALL: 'zh_CN' }, 'en'],
  [{ PDS_LANG: 'zh', LC_ALL: 'C' }, 'zh'],
])('%o selects %s', (env, language) => {
  expect(readLanguage(env)).toBe(language)
})
