import type { MiddlewareHandler } from 'hono'
import { languageDetector } from 'hono/language'

/** Finds the language of a page by the header `Accept-Language`: `zh` for any kind of Chinese, or `en`. */
export const detectLanguage: MiddlewareHandler = languageDetector({
  order: ['header'],
  caches: false,
  supportedLanguages: ['en', 'zh'],
  fallbackLanguage: 'en',
})
