import { expect, it } from 'vitest'
import { english } from '../web/src/texts/en.ts'
import { chinese } from '../web/src/texts/zh.ts'

/** Returns each text with its path, such as `token.title`. A function returns its text for numbers or names. */
function textsOf(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') return [[path, value('7', '8')]]
  return Object.entries(value as object).flatMap(([key, each]) => textsOf(each, `${path}.${key}`))
}

const han = /\p{Script=Han}/u
const all = { en: textsOf(english), zh: textsOf(chinese) }

it('both languages have the same texts', () => {
  const paths = (texts: typeof all.en) => texts.map(([path]) => path)
  expect(paths(all.zh)).toEqual(paths(all.en))
  expect(all.en.length).toBeGreaterThan(50)
})

it('no text is missing in one language only', () => {
  const empty = (texts: typeof all.en) => texts.filter(([, text]) => text.trim() === '').map(([path]) => path)
  expect(empty(all.zh)).toEqual(empty(all.en))
})

it('functions insert all their values in both languages', () => {
  const values = (texts: typeof all.en) => texts.map(([path, text]) => `${path} ${text.match(/[78]/g) ?? ''}`)
  expect(values(all.zh)).toEqual(values(all.en))
})

it('Chinese texts have full-width punctuation, and a space between Chinese and Latin characters', () => {
  const isOtherLanguage = ([path]: [string, string]) => path === '.otherLanguage' || path === '.lang'
  const wrong = all.zh
    .filter((each) => !isOtherLanguage(each) && han.test(each[1]))
    .filter(([, text]) => /[,;:!?()]|\.{3}|\p{Script=Han}[\w]|[\w]\p{Script=Han}/u.test(text))
  expect(wrong).toEqual([])
})

it('English texts contain no Chinese characters', () => {
  const wrong = all.en.filter(([path, text]) => path !== '.otherLanguage' && han.test(text))
  expect(wrong).toEqual([])
})
