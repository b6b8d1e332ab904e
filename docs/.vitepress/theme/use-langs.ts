import { useData } from 'vitepress'
import { type ComputedRef, computed } from 'vue'

// These pages exist in English only.
const englishOnly = /^(api|source)\/|^contributing/

interface Langs {
  currentLang: ComputedRef<{ label: string | undefined; link: string }>
  localeLinks: ComputedRef<{ text: string; link: string }[]>
}

/**
 * Replaces the function of VitePress with this name: the menu of languages leads to the same page in the other language,
 * or to its front page if the page has no translation.
 */
export function useLangs(_options: { correspondingLink?: boolean } = {}): Langs {
  const { site, localeIndex, page } = useData()
  const rootOf = (key: string) => (key === 'root' ? '/' : `/${key}/`)
  const currentLang = computed(() => ({
    label: site.value.locales[localeIndex.value]?.label,
    link: rootOf(localeIndex.value),
  }))
  const localeLinks = computed(() =>
    Object.entries(site.value.locales)
      .filter(([key]) => key !== localeIndex.value)
      .map(([key, { label }]) => ({ text: label, link: rootOf(key) + pathIn(key) })),
  )

  /** Returns the path of this page in a language. */
  function pathIn(key: string): string {
    const { relativePath, isNotFound } = page.value
    if (isNotFound || (key !== 'root' && englishOnly.test(relativePath))) return ''
    const path =
      localeIndex.value === 'root' ? relativePath : relativePath.slice(localeIndex.value.length + 1)
    return path.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')
  }

  return { currentLang, localeLinks }
}
