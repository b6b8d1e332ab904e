import { describe, expect, it } from 'vitest'
import { documents } from '../documents/documents.ts'
import { navigation, sections, sidebar } from './navigation.ts'
import { pagePath } from './page-path.ts'

const listed = Object.values(sections)
  .flat()
  .map((page) => `${page}.md`)
const english = documents.filter((document) => !document.startsWith('docs/zh/'))

describe('the navigation', () => {
  it('lists each page once', () => {
    const pages = english
      .flatMap((document) => pagePath(document) ?? [])
      .filter((page) => page !== 'index.md')
    expect([...listed].sort()).toEqual(pages.sort())
  })

  it('has the titles of the documents', () => {
    expect(sidebar('root').flatMap(({ items = [] }) => items)).toContainEqual({
      text: 'A back end with Express',
      link: '/guides/express',
    })
    expect(sidebar('zh').flatMap(({ items = [] }) => items)).toContainEqual({
      text: '使用 Express 的后端',
      link: '/zh/guides/express',
    })
  })

  it('has the same links in both languages, except for pages in English only', () => {
    const inChinese = linksOf([navigation('zh'), sidebar('zh')]).map((link) => link.replace(/^\/zh/, ''))
    const inEnglish = linksOf([navigation('root'), sidebar('root')])
    expect(inChinese).toEqual(inEnglish.filter((link) => link !== '/contributing'))
  })
})

function linksOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => (name === 'link' ? [String(part)] : linksOf(part)))
}
