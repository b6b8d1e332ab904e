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
