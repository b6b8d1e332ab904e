import { slug } from 'github-slugger'
import type { MarkdownOptions } from 'vitepress'
import { linkAddress } from './link-address.ts'
import { texts } from './texts.ts'

type Renderer = Parameters<NonNullable<MarkdownOptions['config']>>[0]
type Anchors = NonNullable<MarkdownOptions['anchor']>

/** Returns the settings for documents that are written for GitHub. `documents` has the document of each page. */
export function markdownOptions(documents: ReadonlyMap<string, string>): MarkdownOptions {
  return {
    // GitHub has no attributes in Markdown, and no emoji names in these documents.
    attrs: { disable: true },
    linkify: false,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: slug } satisfies Anchors,
    config(md) {
      resolveLinks(md, documents)
      scrollTables(md)
      translateTexts(md)
    },
  }
}

/** Replaces links to files by the addresses of their pages. */
function resolveLinks(md: Renderer, documents: ReadonlyMap<string, string>): void {
  md.core.ruler.push('document-links', (state) => {
    const document = documents.get(state.env.relativePath)
    if (document === undefined) return
    for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
      const link = token.type === 'link_open' ? token.attrGet('href') : null
      if (link !== null) token.attrSet('href', linkAddress(document, decodeURI(link)))
    }
  })
}

/** Makes tables scroll on their own, also by keyboard. */
function scrollTables(md: Renderer): void {
  md.renderer.rules.table_open = (_tokens, _index, _options, { relativePath }) => {
    const label = textsOf(relativePath).table
    return `<div class="scroll" role="group" tabindex="0" aria-label="${label}"><table>\n`
  }
  md.renderer.rules.table_close = () => '</table></div>\n'
}

/** Sets the texts of copy buttons and of the links of headings, in the language of the page. */
function translateTexts(md: Renderer): void {
  const { fence } = md.renderer.rules
  if (!fence) throw new Error('Markdown has no rule for blocks of code')
  md.renderer.rules.fence = (tokens, index, options, env, self) =>
    fence(tokens, index, options, env, self).replace(
      'title="Copy Code"',
      `title="${textsOf(env.relativePath).copy}"`,
    )
  md.core.ruler.push('heading-links', (state) => {
    for (const token of state.tokens.flatMap(({ children }) => children ?? []))
      if (token.attrGet('class') === 'header-anchor')
        token.attrSet('aria-label', textsOf(state.env.relativePath).permalink)
  })
}

function textsOf(page = ''): (typeof texts)['root'] {
  return texts[page.startsWith('zh/') ? 'zh' : 'root']
}
