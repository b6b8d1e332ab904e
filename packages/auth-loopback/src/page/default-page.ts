import type { PDSError } from '@pds/core'
import { logo } from './logo.ts'
import { style } from './style.ts'
import { type Texts, texts } from './texts.ts'

const check = 'M5 10.5l3.5 3.5L15 7'
const cross = 'M6 6l8 8M14 6l-8 8'

/** Returns the page after a sign-in, or after a failed sign-in with the code of its error. */
export function defaultPage(language: 'en' | 'zh', error?: PDSError): string {
  const { signedIn, failed } = texts[language]
  if (!error) return renderPage(language, signedIn)
  return renderPage(language, failed, error)
}

/** Returns the page for a callback that does not belong to the sign-in. */
export function foreignCallbackPage(language: 'en' | 'zh', code: string): string {
  return renderPage(language, texts[language].foreign, { code })
}

function renderPage(
  language: 'en' | 'zh',
  { title, text }: Texts['signedIn'],
  error?: { code: string; reqId?: string | undefined },
): string {
  const { lang, code, requestId } = texts[language]
  const details = Object.entries({ [code]: error?.code, [requestId]: error?.reqId })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<dt>${name}</dt><dd><bdi>${escapeHtml(String(value))}</bdi></dd>`)
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${logo}">
<style>${style}</style>
</head>
<body>
<main class="card" data-tone="${error ? 'alert' : 'ok'}">
<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${error ? cross : check}"/></svg>
<h1>${title}</h1>
<p>${text}</p>
${details.length > 0 ? `<dl>${details.join('')}</dl>` : ''}
</main>
</body>
</html>
`
}

/** Returns a text with the characters replaced that have a meaning in HTML. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
