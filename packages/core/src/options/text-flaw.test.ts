import { describe, expect, it } from 'vitest'
import { textFlaw } from './text-flaw.ts'

describe('textFlaw', () => {
  it.each([
    ['a\n', 'ends with a line break'],
    ['a\r\n', 'ends with a line break'],
    ['a ', 'ends with whitespace'],
    ['a\u00a0', 'ends with whitespace'],
    ['a\t', 'ends with a control character'],
    ['\na', 'starts with a line break'],
    [' a', 'starts with whitespace'],
    ['\ufeffa', 'starts with a byte order mark'],
    ['a\nb', 'contains a line break'],
    ['a\tb', 'contains a control character'],
    ['a\0b', 'contains a control character'],
    ['a\u007f', 'contains a control character'],
    ['a\u0085b', 'contains a control character'],
    ['a\ud800b', 'contains half of a surrogate pair'],
    ['\n', 'ends with a line break'],
  ])('of %j is that it %s', (text, flaw) => {
    expect(textFlaw(text)).toBe(flaw)
  })

  it.each(['', 'a', 'a b', 'a  \u3000b', '李雷', '👩‍🚀', 'a.b-c_d~e+f/g='])('finds none in %j', (text) => {
    expect(textFlaw(text)).toBeUndefined()
  })

  it('reads a long text in linear time', () => {
    expect(textFlaw(`a${' '.repeat(5_000_000)}b`)).toBeUndefined()
  })
})
