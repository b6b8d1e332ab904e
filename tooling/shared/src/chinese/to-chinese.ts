import { names, phrases } from './phrases.ts'

const longestFirst = Object.keys(phrases).sort((one, other) => other.length - one.length)
const escapePattern = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
// A phrase that begins or ends with a letter is no part of a longer word or name.
const bounded = (phrase: string) =>
  `${/^\w/.test(phrase) ? '(?<![\\w@/.-])' : ''}${escapePattern(phrase)}${/\w$/.test(phrase) ? '(?![\\w/-]|\\.\\w)' : ''}`
const codeOrTarget = '`[^`]*`|\\]\\([^)]*\\)'
const phraseOrCode = new RegExp([...longestFirst.map(bounded), codeOrTarget].join('|'), 'g')
const comma = /(?<=\p{Script=Han}|`|\)|\w), (?=\p{Script=Han}|`)/gu

/**
 * Returns a generated text in Chinese: its phrases are replaced, and names, numbers, units and code stay. Throws if an English
 * word is left: `phrases` then needs a translation of it.
 */
export function toChinese(text: string): string {
  const translated = text.replaceAll(phraseOrCode, (found) => phrases[found] ?? found).replaceAll(comma, '、')
  const words =
    translated.replaceAll(/`[^`]*`|\]\([^)]*\)|@[\w/-]+/g, '').match(/(?<![\w.:/-])[a-z][\w.:/-]*[\w]/g) ?? []
  const left = words.filter((word) => !names.includes(word))
  if (left.length > 0) throw new Error(`no Chinese for "${left.join(', ')}" in: ${text.slice(0, 200)}`)
  return translated
}
