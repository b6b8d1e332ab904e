/** A text in the languages of the command line. */
export interface Text {
  en: string
  zh: string
}

/** The languages of the command line. */
export type Language = keyof Text

/**
 * Returns the language of the user: `PDS_LANG`, the locale variables of POSIX in their order, or the system's language.
 */
export function readLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env.PDS_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find(Boolean)
  const language = locale ?? Intl.DateTimeFormat().resolvedOptions().locale
  return /^zh\b|^zh_/i.test(language) ? 'zh' : 'en'
}
