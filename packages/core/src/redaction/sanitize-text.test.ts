import { safeText } from '@pds/core'
import { describe, expect, it } from 'vitest'

describe('safeText', () => {
  it.each([
    ['The user said no.', 'The user said no.'],
    [' two\r\nlines\t ', 'two lines'],
    // What a terminal would take for a command, and what turns the direction of a line.
    ['red \u001b[31m and \u202eback\u0000', 'red [31m and back'],
    ['for canary-state, and canary%2Dstate', '***'],
    ['for canary-state.', 'for ***.'],
    [`it was eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(20)}`, 'it was ***'],
    ['', undefined],
    [' \n\u0000', undefined],
  ])('makes %j %j', (text, expected) => {
    expect(safeText(text, ['canary-state', ''])).toBe(expected)
  })

  it('is no longer than a line of a log', () => {
    expect(safeText('a '.repeat(5000), [])).toHaveLength(1000)
  })
})
