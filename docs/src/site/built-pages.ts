import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { builtSite } from './serve-site.ts'

type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document

/** A reference of a page to another resource. */
export interface Reference {
  /** The element and its attribute, such as `a href`. */
  kind: string
  address: string
}

/** A page as the site serves it. */
export interface BuiltPage {
  /** The address, such as `/guides/express`. */
  address: string
  html: string
  ids: ReadonlySet<string>
  references: readonly Reference[]
}

/** Returns all pages of the built site, except for the page that it shows for unknown addresses. */
export function builtPages(): BuiltPage[] {
  return globSync('**/*.html', { cwd: builtSite, exclude: ['404.html'] }).map((file) => {
    const html = readFileSync(path.join(builtSite, file), 'utf8')
    const ids = new Set<string>()
    const references: Reference[] = []
    visit(parse(html), (tag, name, value) => {
      if (name === 'id') ids.add(value)
      const isReference = name === 'href' || name === 'src'
      if (isReference && !value.startsWith('data:'))
        references.push({ kind: `${tag} ${name}`, address: value })
    })
    const address = `/${file
      .replaceAll(path.sep, '/')
      .replace(/\.html$/, '')
      .replace(/(^|\/)index$/, '$1')}`
    return { address, html, ids, references }
  })
}

function visit(node: Node, onAttribute: (tag: string, name: string, value: string) => void): void {
  if ('attrs' in node) for (const { name, value } of node.attrs) onAttribute(node.tagName, name, value)
  if ('childNodes' in node) for (const child of node.childNodes) visit(child, onAttribute)
}
