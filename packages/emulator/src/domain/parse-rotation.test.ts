import { createEmulator, type RotationOptions } from '@pds/emulator'
import { describe, expect, it } from 'vitest'
import { parseRotation } from './parse-rotation.ts'

describe('the option rotation', () => {
  it.each([
    [undefined, { grace: 0, revokeFamily: false }],
    [{}, { grace: 0, revokeFamily: false }],
    [
      { grace: undefined, revokeFamily: undefined },
      { grace: 0, revokeFamily: false },
    ],
    [
      { grace: 0.5, revokeFamily: true },
      { grace: 0.5, revokeFamily: true },
    ],
  ])('accepts %j', (value, expected) => {
    expect(parseRotation(value)).toEqual(expected)
  })

  it.each([
    [null, 'rotation must be an object (received null)'],
    ['strict', 'rotation must be an object (received string)'],
    [[], 'rotation must be an object (received array)'],
    [{ grace: -1 }, 'rotation.grace must be a non-negative number of milliseconds (received -1)'],
    [{ grace: Number.NaN }, 'rotation.grace must be a non-negative number of milliseconds (received NaN)'],
    [{ grace: Infinity }, 'rotation.grace must be a non-negative number of milliseconds (received Infinity)'],
    [{ grace: '10' }, /^rotation\.grace must be .* \(received string\)$/],
    [{ revokeFamily: 1 }, 'rotation.revokeFamily must be true or false (received 1)'],
    [{ graze: 1 }, 'rotation has no field graze: it has grace, revokeFamily'],
  ])('rejects %o', async (value, message) => {
    const created = createEmulator({ rotation: value as RotationOptions })
    await expect(created).rejects.toThrow(TypeError)
    await expect(created).rejects.toThrow(message)
  })
})
