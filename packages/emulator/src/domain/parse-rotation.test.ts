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
  ])('is taken as %j', (value, expected) => {
    expect(parseRotation(value)).toEqual(expected)
  })

  it.each([
    [null, 'rotation must be an object, got null'],
    ['strict', 'rotation must be an object, got a value of the type string'],
    [[], 'rotation must be an object, got an array'],
    [{ grace: -1 }, 'rotation.grace must be a number of milliseconds from 0, got -1'],
    [{ grace: Number.NaN }, 'rotation.grace must be a number of milliseconds from 0, got NaN'],
    [{ grace: Infinity }, 'rotation.grace must be a number of milliseconds from 0, got Infinity'],
    [{ grace: '10' }, /^rotation\.grace must be .*, got a value of the type string$/],
    [{ revokeFamily: 1 }, 'rotation.revokeFamily must be true or false, got 1'],
    [{ graze: 1 }, 'rotation has no graze: it has grace, revokeFamily'],
  ])('is refused as %o', async (value, message) => {
    const made = createEmulator({ rotation: value as RotationOptions })
    await expect(made).rejects.toThrow(TypeError)
    await expect(made).rejects.toThrow(message)
  })
})
