import type { PDSError } from '@pds/core'
import { style } from './style.ts'
import { type Texts, texts } from './texts.ts'

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
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main${error ? ' class="failed"' : ''}>
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
