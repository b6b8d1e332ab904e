import { createContext, type ReactNode, use, useLayoutEffect, useState } from 'react'
import { english, type Texts } from './texts/en.ts'
import { chinese } from './texts/zh.ts'

const storageKey = 'language'

const LanguageContext = createContext<{ texts: Texts; switchLanguage: () => void }>({
  texts: english,
  switchLanguage: () => undefined,
})

/** Provides the texts in the language that the user has chosen here, or prefers in the browser. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [texts, setTexts] = useState(findTexts)
  useLayoutEffect(() => {
    document.documentElement.lang = texts.lang
    document.title = texts.name
  }, [texts])
  const switchLanguage = () => {
    const next = texts === english ? chinese : english
    store(next.lang)
    setTexts(next)
  }
  return <LanguageContext value={{ texts, switchLanguage }}>{children}</LanguageContext>
}

/** Returns the texts in the language of the page. */
export function useTexts(): Texts {
  return use(LanguageContext).texts
}

/** Returns a function that shows the page in the other language and remembers that. */
export function useSwitchLanguage(): () => void {
  return use(LanguageContext).switchLanguage
}

function findTexts(): Texts {
  const known = [readStored() ?? '', ...navigator.languages].find((name) => /^(en|zh)\b/i.test(name))
  return known?.toLowerCase().startsWith('zh') ? chinese : english
}

// A browser can deny a page its storage. The choice is then lost with the page.
function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

function store(lang: string): void {
  try {
    localStorage.setItem(storageKey, lang)
  } catch {
    // See above.
  }
}
