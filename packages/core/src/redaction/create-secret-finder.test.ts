import { describe, expect, it } from 'vitest'
import { createSecretFinder } from './create-secret-finder.ts'

const secret = 'q7Xf2LmZ9Kd4RwT1'
const find = (text: string, ...secrets: string[]) => createSecretFinder(secrets)(text)

describe('a secret is found', () => {
  it.each([
    ['as it is', secret],
    ['in a text', `it is ${secret}, not valid`],
    ['in another case', secret.toUpperCase()],
    ['between other characters', `xx${secret}xx`],
    ['truncated to 8 characters', `${secret.slice(0, 8)}…`],
    ['by the 8 characters at its end', secret.slice(-8)],
    ['with spaces', [...secret].join(' ')],
    ['with line breaks', secret.replaceAll(/.{4}/g, '$&\r\n')],
    ['with punctuation', [...secret].join('-"')],
    ['with invisible characters', [...secret].join('\u200b')],
    ['with accents', [...secret].join('\u0301')],
  ])('%s', (_how, text) => {
    expect(find(text, secret)).toBe(true)
    expect(find(text, 'another-secret-3917')).toBe(false)
  })

  it('not by 7 characters', () => {
    expect(find(`${secret.slice(0, 7)}_${secret.slice(8, 15)}`, secret)).toBe(false)
  })

  it.each([
    ['in a form', 'a=1&code=ab%2Fcd%2Bef+gh'],
    ['percent-encoded in lower case', 'ab%2fcd%2bef%20gh'],
    ['encoded twice', 'ab%252Fcd%252Bef%2520gh'],
    ['with each character encoded', '%61%62%2F%63%64%2B%65%66%20%67%68'],
    ['escaped in JSON', String.raw`ab\/cd\u002bef gh`],
    ['escaped twice in JSON', String.raw`{\"a\":\"ab\\/cd\\u002b\\u0065f gh\"}`],
    ['in HTML', '&#97;b&#x2F;cd&amp;#43;ef gh'],
    ['in base64', `x ${btoa('ab/cd+ef gh')}`],
    ['in the base64 of a longer text', btoa('user:ab/cd+ef gh')],
    ['in the base64url of a text', btoa('????ab/cd+ef gh????').replaceAll('/', '_')],
    ['in hexadecimal', Buffer.from('ab/cd+ef gh').toString('hex').toUpperCase()],
  ])('%s', (_how, text) => {
    expect(find(text, 'ab/cd+ef gh')).toBe(true)
    expect(find(text, 'hg fe+dc/ba')).toBe(false)
  })

  it('if it looks encoded itself', () => {
    const secret = '%41b&amp;\\n1%2F%5C'
    expect(find(`it is ${secret}`, secret)).toBe(true)
    expect(find(encodeURIComponent(secret), secret)).toBe(true)
    expect(find(JSON.stringify(JSON.stringify(secret)), secret)).toBe(true)
  })

  it('if its letters are not ASCII', () => {
    expect(find('das ist GEHEIMES-PÄßWORT', 'geheimes Päßwort')).toBe(true)
    expect(find(encodeURIComponent('密码是一二三四五六七八').toLowerCase(), '一二三四五六七八')).toBe(true)
    expect(find('a half\ud800pair', 'half\ud800pair')).toBe(true)
  })
})

describe('a secret with fewer than 8 letters and digits is found', () => {
  it.each([
    ['as the whole text', 'hunt3r', 'hunt3r'],
    ['as a word', 'the password hunt3r is wrong', 'hunt3r'],
    ['as a word in another case', '{"pwd":"HUNT3R"}', 'hunt3r'],
    ['with other characters inside', 'it is pass w, not valid', 'pass\n w'],
    ['in a form', `${new URLSearchParams({ code: "it's a/b+c~" })}`, "it's a/b+c~"],
    ['in base64', `it is ${btoa('hunt3r')}`, 'hunt3r'],
    ['without letters and digits', '?!', '?!'],
    ['as the whole text if it is very short', ' "7" ', '7'],
  ])('%s', (_how, text, short) => {
    expect(find(text, short)).toBe(true)
  })

  it.each([
    ['in a longer word', 'hunt3rs', 'hunt3r'],
    ['in a text if it is very short', 'as it is', 'is'],
    ['if it is empty', '', ''],
    ['if it is empty and the text is not', '-', ''],
  ])('but not %s', (_how, text, short) => {
    expect(find(text, short)).toBe(false)
  })
})

describe('the time is linear in the length of a text', () => {
  // Four times the length of the longest body. Quadratic time would take minutes.
  it.each(['a', 'a1', '%41', '&amp;', '\\', '\\u0061', 'p-', '\u0390', '\ufdfa', '&#x61;', '%25'])(
    'that repeats %j',
    (part) => {
      const text = part.repeat(2 ** 18 / part.length)
      expect(find(text, secret, 'pwd-7', 'p')).toBe(false)
    },
  )
})
