import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import { languageDetector } from 'hono/language'

/** Finds the language of a page by the header `Accept-Language`: `zh` for any kind of Chinese, or `en`. */
export const detectLanguage: MiddlewareHandler = languageDetector({
  order: ['header'],
  caches: false,
  supportedLanguages: ['en', 'zh'],
  fallbackLanguage: 'en',
})

/** Whether a request comes from a person's browser, and not from a program that reads JSON. */
export function wantsPage(context: Context): boolean {
  const supports = ['text/html', 'application/json']
  return accepts(context, { header: 'Accept', supports, default: 'application/json' }) === 'text/html'
}
