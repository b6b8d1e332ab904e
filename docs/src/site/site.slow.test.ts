import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { builtPages, type Reference } from './built-pages.ts'
import { pageAddress } from './page-path.ts'
import { builtSite } from './serve-site.ts'
import { pageDocuments } from './stage-pages.ts'

const pages = builtPages()
const byAddress = new Map(pages.map((page) => [page.address, page]))

describe('the built site', () => {
  it('has a page for each document', () => {
    const addresses = [...pageDocuments().keys()].map(pageAddress)
    expect([...byAddress.keys()].filter((address) => !address.startsWith('/source/')).sort()).toEqual(
      addresses.sort(),
    )
  })

  it('has no dead link', () => {
    const dead = pages.flatMap(({ address, references }) =>
      references
        .filter((reference) => !isExternal(reference) && !leadsSomewhere(address, reference))
        .map((reference) => `${address}: ${reference.kind} ${reference.address}`),
    )
    expect(dead).toEqual([])
  })

  it('loads nothing from other hosts', () => {
    const external = pages.flatMap(({ references }) => references.filter(isExternal))
    expect(external.filter(({ kind }) => kind !== 'a href')).toEqual([])
    const styles = globSync('**/*.css', { cwd: builtSite }).map((file) =>
      readFileSync(path.join(builtSite, file), 'utf8'),
    )
    expect(
      styles.filter((style) => /url\(["']?(https?:)?\/\//.test(style) || style.includes('@import')),
    ).toEqual([])
  })

  it('contains no path of the machine that built it', () => {
    const files = globSync('**/*.{html,js,css,json}', { cwd: builtSite })
    const exposing = files.filter((file) =>
      readFileSync(path.join(builtSite, file), 'utf8').includes(repository),
    )
    expect(exposing).toEqual([])
  })

  it('has the language of each page', () => {
    const wrong = pages.filter(
      ({ address, html }) => !html.includes(`<html lang="${address.startsWith('/zh/') ? 'zh-CN' : 'en'}"`),
    )
    expect(wrong.map(({ address }) => address)).toEqual([])
  })
})

function isExternal({ address }: Reference): boolean {
  return /^([a-z]+:)?\/\//.test(address) || address.startsWith('mailto:')
}

function leadsSomewhere(from: string, { address }: Reference): boolean {
  const { pathname, hash } = new URL(address, `http://site.test${from}`)
  const target = decodeURI(pathname)
  const page = byAddress.get(target)
  if (!page) return hash === '' && existsSync(path.join(builtSite, target)) && !target.endsWith('/')
  return hash === '' || page.ids.has(decodeURIComponent(hash.slice(1)))
}
