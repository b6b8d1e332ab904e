import { wcagContrast } from 'culori'
import { describe, expect, it } from 'vitest'
import { readTokens } from './read-tokens.ts'

/* The contrast that WCAG 2.2 requires: 4.5:1 for text (1.4.3), and 3:1 for controls and the focus (1.4.11). */

const grounds = ['page', 'card', 'sunken']
const on = (ground: string, ...colors: string[]) => colors.map((color) => [color, ground] as const)

const texts = [
  ...grounds.flatMap((ground) => on(ground, 'text', 'soft', 'accent', 'accent-strong', 'ok', 'alert')),
  ...on('card', 'code-word', 'code-text'),
  ...on('sunken', 'code-word', 'code-text'),
  ...on('accent-tint', 'text', 'accent', 'accent-strong'),
  ...on('ok-tint', 'text', 'ok'),
  ...on('alert-tint', 'text', 'alert'),
  ...on('accent', 'on-accent'),
  ...on('accent-strong', 'on-accent'),
]

const controls = [
  ...grounds.flatMap((ground) => on(ground, 'control', 'accent', 'ok', 'alert')),
  ...on('alert-tint', 'accent', 'control'),
]

describe.each(['light', 'dark'] as const)('in %s mode', (mode) => {
  const tokens = new Map(readTokens().map((token) => [token.name, token[mode]]))
  const contrast = ([color, ground]: readonly [string, string]) =>
    wcagContrast(tokens.get(color) ?? '', tokens.get(ground) ?? '')

  it.each(texts)('%s is readable on %s', (...pair) => {
    expect(contrast(pair)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(controls)('%s is visible on %s', (...pair) => {
    expect(contrast(pair)).toBeGreaterThanOrEqual(3)
  })
})

it('covers every colour, except those that only decorate', () => {
  const colors = readTokens().filter(({ light, dark }) => light !== dark)
  const covered = [...texts, ...controls].flat()
  const rest = colors.map(({ name }) => name).filter((name) => !covered.includes(name))
  expect(rest).toEqual(['line', 'shade', 'shadow'])
})
