import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { sha256 } from '../domain/webcrypto.ts'
import { logo } from './logo.ts'
import { style } from './style.ts'
import { type Texts, textsOf } from './texts.ts'

/** Markup with all inserted values escaped. */
export type Html = ReturnType<typeof html>

export interface Page {
  title: string
  body: Html
  /** Where a form of the page may lead besides its own origin, as a source of a content security policy. */
  formAction?: string
  /** The script of the page. Default: none. */
  script?: string
  /** The `data-` attributes of the body, for the script. */
  data?: Record<string, string>
}

/** Returns the texts in the language of the request. */
export function textsFor(context: Context): Texts {
  return textsOf(context.get('language'))
}

/** Returns the logo as an image without a name: the name of the emulator follows. */
export function logoImage(size: number): Html {
  return html`<img src="${logo}" alt="" width="${size}" height="${size}">`
}

/** Sends a page that runs only its own script, cannot be framed or cached, and sends no referrer to other sites. */
export async function sendPage(
  context: Context,
  page: Page,
  status: 200 | 400 | 403 | 404 | 413 = 200,
): Promise<Response> {
  const { title, body, formAction, script, data = {} } = page
  const { lang } = textsFor(context)
  const policy = [
    "default-src 'none'",
    `style-src ${await hashSource(style)}`,
    'img-src data:',
    ...(script === undefined ? [] : [`script-src ${await hashSource(script)}`, "connect-src 'self'"]),
    `form-action ${formAction === undefined ? "'none'" : `'self' ${formAction}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  const headers = {
    'content-security-policy': policy.join('; '),
    'content-language': lang,
    'cache-control': 'no-store',
    // Not no-referrer, because forms would then be sent with the origin null.
    'referrer-policy': 'same-origin',
    vary: 'Accept, Accept-Language',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
  const document = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${logo}">
<style>${raw(style)}</style>
</head>
<body${Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`)}>
${body}
${script === undefined ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>
`
  return context.html(document, status, headers)
}

async function hashSource(text: string): Promise<string> {
  return `'sha256-${btoa(String.fromCharCode(...(await sha256(text))))}'`
}
