/**
 * Returns the language of a page for the header `Accept-Language`: `zh` if the user prefers Chinese to English, otherwise
 * `en`.
 */
export function preferredLanguage(header = ''): 'en' | 'zh' {
  const preferences = header.split(',').map((part) => {
    const [range = '', ...params] = part.split(';')
    const quality = params.map((param) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(param)?.[1]).find(Boolean)
    return { language: /^\s*(en|zh)\b/i.exec(range)?.[1]?.toLowerCase(), quality: Number(quality ?? 1) }
  })
  // The sort is stable: of equal preferences, the first one wins.
  const [first] = preferences
    .filter(({ language, quality }) => language !== undefined && quality > 0)
    .sort((one, other) => other.quality - one.quality)
  return first?.language === 'zh' ? 'zh' : 'en'
}
