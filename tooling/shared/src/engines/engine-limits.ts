import { otherEngine } from './engine-browser.ts'

/**
 * What page tests need and an engine cannot do here, with the cause. The other page tests that vitest.packed.config.ts
 * lists run in each engine.
 */
export const engineLimits = {
  'a suspended tab': {
    firefox: 'a process of Firefox runs several tabs, and nothing tells which',
    webkit: 'nothing tells which process of WebKit runs a tab',
  },
  'a cleared storage': {
    firefox: 'WebDriver BiDi has no command that clears the storage of an origin',
    webkit: 'WebDriver has no command that clears the storage of an origin',
  },
  'a popup that closes at once': {
    webkit: 'WebDriver reports no new window, and such a popup is in none of its lists of windows',
  },
  'the Navigation API': {
    webkit: 'WebKitGTK 2.50 has no Navigation API, by which a page reads its history',
  },
} satisfies Record<string, { firefox?: string; webkit?: string }>

/** Returns a text for the title of a test that is left out of this engine, or false. */
export function leftOut(need: keyof typeof engineLimits): string | false {
  const name = otherEngine?.startsWith('webkit') ? 'webkit' : otherEngine && 'firefox'
  const limits: { firefox?: string; webkit?: string } = engineLimits[need]
  const cause = name && limits[name]
  return cause === undefined ? false : `(left out of ${name}: ${cause})`
}
