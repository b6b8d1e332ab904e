import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

/** Whether a request comes from a person's browser, and not from a program that reads JSON. */
export function wantsPage(context: Context): boolean {
  const supports = ['text/html', 'application/json']
  return accepts(context, { header: 'Accept', supports, default: 'application/json' }) === 'text/html'
}
