import { existsSync } from 'node:fs'
import path from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { readDocument, repository } from '../documents/documents.ts'
import { pageAddress, pagePath } from './page-path.ts'
import { type Language, texts } from './texts.ts'

type Item = DefaultTheme.SidebarItem

/** The sections of the sidebar, with the pages of each. */
export const sections = {
  start: ['getting-started', 'which-package', 'sessions', 'guides/troubleshooting'],
  web: ['guides/browser-page', 'guides/react-vue-svelte', 'guides/nextjs'],
  servers: ['guides/express', 'guides/hono', 'guides/fastify'],
  apps: ['guides/desktop-app', 'guides/react-native', 'guides/terminal'],
  scale: ['guides/how-many-users', 'guides/sharing-a-session-over-redis', 'guides/custom-store'],
  tests: ['guides/testing-with-the-emulator'],
  operation: ['guides/observability'],
  moving: ['guides/moving-from-aliyun-pds-js-sdk', 'guides/files-with-aliyun-pds-js-sdk'],
  packages: packageNames().map((name) => `packages/${name}`),
  more: ['performance', 'interoperability', 'security', 'contributing'],
} as const satisfies Partial<Record<keyof typeof texts.root, readonly string[]>>

/** Returns the links at the top of each page. */
export function navigation(language: Language): DefaultTheme.NavItem[] {
  const text = texts[language]
  const [first, ...others] = itemsOf(language, 'start')
  const guides = (['web', 'servers', 'apps', 'scale', 'tests', 'operation', 'moving'] as const).map(
    (name) => ({
      text: text[name],
      items: itemsOf(language, name),
    }),
  )
  // With more links, the bar would be wider than a window of 768 pixels.
  return [
    ...(first ? [first] : []),
    { text: text.guides, items: [{ text: text.start, items: others }, ...guides] },
    { text: text.api, link: '/api/', activeMatch: '^/api/' },
  ]
}

/** Returns the sidebar of the guides and packages. */
export function sidebar(language: Language): Item[] {
  const text = texts[language]
  const groups = (Object.keys(sections) as (keyof typeof sections)[]).map((name) => ({
    text: text[name],
    items: itemsOf(language, name),
  }))
  return [...groups, { text: text.api, link: '/api/' }]
}

/** Returns the sidebar of the API reference: the packages, and the exports of each in the order of its page. */
export function apiSidebar(): Item[] {
  return packageNames()
    .filter((name) => existsSync(path.join(repository, `docs/api/${name}/index.md`)))
    .map((name) => ({
      text: `@pds/${name}`,
      link: `/api/${name}/`,
      collapsed: true,
      items: exportsOf(`docs/api/${name}/index.md`),
    }))
}

function exportsOf(document: string): Item[] {
  const links = [...readDocument(document).matchAll(/^- \[(.*?)\]\((.*?)\)/gm)]
  return links.map(([, name = '', link = '']) => {
    const file = path.posix.join(path.posix.dirname(document), link)
    const item: Item = { text: name.replaceAll('\\', ''), link: pageAddress(pagePath(file) ?? '') }
    // The page of a module.
    return link.endsWith('/index.md') ? { ...item, collapsed: true, items: exportsOf(file) } : item
  })
}

function itemsOf(language: Language, section: keyof typeof sections): { text: string; link: string }[] {
  return sections[section].flatMap((page) => {
    const document = documentOf(language, page)
    if (document === undefined) return []
    const text = page === 'guides/troubleshooting' ? texts[language].errors : titleOf(document)
    return [{ text, link: pageAddress(pagePath(document) ?? '') }]
  })
}

/** Returns the document of a page in a language. A page may exist in English only. */
function documentOf(language: Language, page: string): string | undefined {
  const [, name] = /^packages\/(.*)/.exec(page) ?? []
  const english = [`docs/${page}.md`, `${page.toUpperCase()}.md`, `packages/${name}/README.md`]
  const candidates = language === 'root' ? english : [`docs/zh/${page}.md`]
  return candidates.find((document) => existsSync(path.join(repository, document)))
}

/** Returns the title of a document: its first heading. */
function titleOf(document: string): string {
  return /^# (.*)$/m.exec(readDocument(document))?.[1]?.replaceAll('`', '') ?? document
}

/** Returns the names of the packages in the order of the front page of the API reference. */
function packageNames(): string[] {
  const rows = readDocument('docs/typedoc-front-page.md').matchAll(/^\| \[`@pds\/(.*?)`\]/gm)
  return [...rows].map(([, name = '']) => name)
}
