import { readFileSync } from 'node:fs'

/** A variable of tokens.css. A colour can differ between light and dark mode. */
export interface Token {
  name: string
  light: string
  dark: string
}

// A value of light-dark(), which can be a function itself.
const value = String.raw`((?:[^(),]|\([^)]*\))+)`
const lightDark = new RegExp(String.raw`^light-dark\(${value}, ${value}\)$`)

/** Returns the variables of tokens.css, in their order. */
export function readTokens(): Token[] {
  const css = readFileSync(new URL('../tokens.css', import.meta.url), 'utf8')
  return [...css.matchAll(/--([\w-]+):([^;]+);/g)].map(([, name = '', declared = '']) => {
    const text = declared.trim().replace(/\s+/g, ' ')
    const [, light = text, dark = text] = lightDark.exec(text) ?? []
    return { name, light, dark }
  })
}
