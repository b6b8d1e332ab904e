import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import { languageDetector } from 'hono/language'

/** Detects the language of a page from the header `Accept-Language`: `zh` for any kind of Chinese, otherwise `en`. */
export const detectLanguage: MiddlewareHandler = languageDetector({
  order: ['header'],
  caches: false,
  supportedLanguages: ['en', 'zh'],
  fallbackLanguage: 'en',
})

/** Checks whether a request comes from a browser, and not from a program that reads JSON. */
export function wantsPage(context: Context): boolean {
  const supports = ['text/html', 'application/json']
  return accepts(context, { header: 'Accept', supports, default: 'application/json' }) === 'text/html'
}
