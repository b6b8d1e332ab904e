/** A part of a page that the search finds. Its own title is the last one, after the titles above it. */
interface SearchSection {
  anchor: string
  titles: string[]
  text: string
}

const heading = /<h([1-6]) id="([^"]*)"[^>]*>([\s\S]*?)<a class="header-anchor"[\s\S]*?<\/h\1>/g

/**
 * Splits a page at its headings. A page of the API reference is one section, because all of these pages have the same
 * headings, such as "Parameters".
 */
export function searchSections(file: string, html: string): SearchSection[] {
  const headings = [...html.matchAll(heading)]
  const textFrom = (index: number, end?: number) => {
    const { index: start = 0, 0: { length } = '' } = headings[index] ?? {}
    return plain(html.slice(start + length, end))
  }
  const [, api] = /\/pages\/api\/([^/]+)\/.*\/[^/]+$/.exec(file.replaceAll('\\', '/')) ?? []
  if (api !== undefined) {
    const title = plain(headings[0]?.[3] ?? '').replace(/^[\w ]+: /, '')
    return [{ anchor: '', titles: [`@pds/${api}`, title], text: textFrom(0) }]
  }
  const above: string[] = []
  return headings.map(([, level = '1', anchor = '', title = ''], index) => {
    above.length = Number(level) - 1
    above.push(plain(title))
    const titles = above.filter((text) => text !== undefined)
    return { anchor: index === 0 ? '' : anchor, titles, text: textFrom(index, headings[index + 1]?.index) }
  })
}

function plain(html: string): string {
  const entities: Record<string, string> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  }
  return html
    .replaceAll(/<button[\s\S]*?<\/button>|<span class="lang">.*?<\/span>/g, '')
    .replaceAll(/<\/(?:p|li|td|th|div|pre)>|<br>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&[#\w]+;/g, (entity) => entities[entity] ?? ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
