import { readFileSync } from 'node:fs'
import { readTokens, type Token } from './read-tokens.ts'

/** The folders of published packages that have pages. The packages cannot import this member. */
const folders = ['packages/emulator/src/pages', 'packages/auth-loopback/src/page']

const origin = '// Written by tooling/look/write-tokens.mjs.'

/** Returns the contents of the files that `write-tokens.mjs` writes, by their paths in the repository. */
export function writtenFiles(): ReadonlyMap<string, string> {
  const style = `${origin}

/** The variables, elements and parts of all pages. */
export const sharedStyle: string = \`
${tokenRules(readTokens())}
${withoutComments(read('base.css'))}\`
`
  const logo = `${origin}

/** The logo as a \`data:\` URL. */
export const logo: string =
  "data:image/svg+xml,${inlineSvg(read('logo.svg'))}"
`
  return new Map(
    folders.flatMap((folder) => [
      [`${folder}/shared-style.ts`, style],
      [`${folder}/logo.ts`, logo],
    ]),
  )
}

/** Returns the rules with the variables. Older browsers do not know `light-dark()`, so they contain none. */
function tokenRules(tokens: readonly Token[]): string {
  const rule = (indent: string, declarations: readonly string[]) =>
    [`${indent}:root {`, ...declarations.map((each) => `${indent}  ${each}`), `${indent}}`].join('\n')
  const declare = (mode: 'light' | 'dark') => (token: Token) => `--${token.name}: ${token[mode]};`
  const changed = tokens.filter(({ light, dark }) => light !== dark)
  return [
    rule('', ['color-scheme: light dark;', ...tokens.map(declare('light'))]),
    // Printed pages have no backgrounds.
    '@media screen and (prefers-color-scheme: dark) {',
    rule('  ', changed.map(declare('dark'))),
    '}',
  ].join('\n')
}

function withoutComments(css: string): string {
  return css.replace(/ *\/\*.*?\*\/\n*/gs, '').replace(/\n{2,}/g, '\n')
}

/** Returns an SVG for a `data:` URL in double quotes: on one line, without its title and its size. */
function inlineSvg(svg: string): string {
  return svg
    .replace(/<title>.*?<\/title>/s, '')
    .replace(/ width="32" height="32"(?=>)/, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?(\/?>) ?/g, '$1')
    .replaceAll('"', "'")
    .replaceAll('#', '%23')
    .trim()
}

function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
}
