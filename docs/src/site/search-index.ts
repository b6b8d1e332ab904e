import { globSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import MiniSearch from 'minisearch'
import { builtSite } from './serve-site.ts'
import type { Language } from './texts.ts'
import { tokenize } from './tokenize.ts'

/** Reads the search index of a language from the built site. */
export async function readSearchIndex(language: Language): Promise<MiniSearch> {
  const [file = ''] = globSync(`assets/chunks/@localSearchIndex${language}.*.js`, { cwd: builtSite })
  const { default: index } = await import(pathToFileURL(path.join(builtSite, file)).href)
  return MiniSearch.loadJSON(index, {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    tokenize,
  })
}
