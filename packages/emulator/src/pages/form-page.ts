import { html } from 'hono/html'
import { type Html, logoImage } from './send-page.ts'
import type { Texts } from './texts.ts'

/** Returns the layout of the sign-in pages: a card and a footer. */
export function formPage(texts: Texts, domainId: string, card: Html): Html {
  return html`<div class="sign-in">
<main class="card">
<p class="brand">${logoImage(24)}<span>${texts.emulator} · <bdi>${texts.domain(domainId)}</bdi></span></p>
${card}
</main>
<footer>${texts.note}</footer>
</div>`
}

/** Returns the initial, the name and the id of a user. */
export function userLabel({ user_id, user_name }: { user_id: string; user_name: string }): Html {
  const [initial = ''] = user_name
  return html`<span class="avatar" aria-hidden="true">${initial.toUpperCase()}</span>
<span class="user"><bdi class="name">${user_name}</bdi> ${
    user_name === user_id ? '' : html`<bdi class="id">${user_id}</bdi>`
  }</span>`
}

/**
 * Returns the `form-action` source of a content security policy that allows a redirect URI. Chromium applies
 * `form-action` to each redirect after a form submission.
 *
 * For a loopback address, the source allows all ports: a back end often redirects to the port of a development server.
 */
export function formActionOf(redirectUri: string): string {
  const { protocol, origin, hostname } = new URL(redirectUri)
  if (protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(hostname)) {
    return 'http://localhost:* http://127.0.0.1:*'
  }
  // A source cannot express an IPv6 address. Characters such as `;` and `,` would end the source.
  return /^https?:\/\/[a-z\d.-]+(:\d+)?$/.test(origin) ? origin : protocol
}
