import { html } from 'hono/html'
import type { Html } from './send-page.ts'
import type { Texts } from './texts.ts'

/** The frame of the pages of a sign-in: a card, and below it what these pages are. */
export function formPage(texts: Texts, domainId: string, card: Html): Html {
  return html`<div class="sign-in">
<main class="card">
<p class="brand">${texts.emulator} · <bdi>${texts.domain(domainId)}</bdi></p>
${card}
</main>
<footer>${texts.note}</footer>
</div>`
}

/** A user's initial, name and id. */
export function userLabel({ user_id, user_name }: { user_id: string; user_name: string }): Html {
  const [initial = ''] = user_name
  return html`<span class="initial" aria-hidden="true">${initial.toUpperCase()}</span>
<span class="user"><bdi class="name">${user_name}</bdi> ${
    user_name === user_id ? '' : html`<bdi class="id">${user_id}</bdi>`
  }</span>`
}

/**
 * The source of a content security policy that lets a form's answer go to a redirect URI: Chromium applies `form-action`
 * to each redirect that follows a form.
 *
 * For an address of this machine that is any port of it: what answers there often leads on to another one, such as
 * from a back end to the page of a development server.
 */
export function formActionOf(redirectUri: string): string {
  const { protocol, origin, hostname } = new URL(redirectUri)
  if (protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(hostname)) {
    return 'http://localhost:* http://127.0.0.1:*'
  }
  // A source has no form for an IPv6 address, nor for what would end it.
  return /^https?:\/\/[a-z\d.-]+(:\d+)?$/.test(origin) ? origin : protocol
}
