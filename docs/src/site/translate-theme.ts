import path from 'node:path'
import type { Plugin } from 'vitepress'
import { fixedTexts } from './texts.ts'

/** Returns a Vite plugin that replaces the texts which VitePress has in English only: the theme defines `$fixedText`. */
export function translateTheme(): Plugin {
  return {
    name: 'translate-theme',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('theme-default/components') || !id.endsWith('.vue')) return undefined
      const component = path.basename(id, '.vue')
      let translated = code
      for (const [text, fixed] of Object.entries(fixedTexts)) {
        if (fixed.component !== component) continue
        const before = translated
        translated = translated
          .replace(new RegExp(`(?<=\\s)((?:aria-)?label)="${text}"`), `:$1="$fixedText('${text}')"`)
          .replace(new RegExp(`(?<=>\\s*)${text}(?=\\s*<)`), `{{ $fixedText('${text}') }}`)
        if (translated === before) throw new Error(`${component} of VitePress does not contain "${text}"`)
      }
      return translated
    },
  }
}
