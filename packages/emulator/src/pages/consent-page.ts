import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Domain } from '../domain/domain.ts'
import type { User } from '../domain/user.ts'
import type { AuthorizationRequest } from '../routes/authorization-request.ts'
import { formActionOf, formPage, userLabel } from './form-page.ts'
import { sendPage, textsFor } from './send-page.ts'

/** Sends the page on which a user allows or denies access. `otherUser` is the URL to sign in as another user. */
export async function sendConsentPage(
  context: Context,
  domain: Domain,
  page: { request: AuthorizationRequest; csrf_token: string; user: User; otherUser: string },
): Promise<Response> {
  const texts = textsFor(context)
  const { consent } = texts
  const { request, csrf_token, user, otherUser } = page
  const { host, protocol } = new URL(request.redirect_uri)
  const scopes = request.scope.filter((scope) => scope !== 'ALL')
  const card = html`<h1>${consent.title}</h1>
<p class="lead"><bdi><strong>${request.app.name}</strong></bdi> ${consent.lead}</p>
<section aria-labelledby="user-heading">
<h2 id="user-heading">${consent.user}</h2>
<p class="current">${userLabel(user)}</p>
<p><a href="${otherUser}">${consent.otherUser}</a></p>
</section>
<section aria-labelledby="scope-heading">
<h2 id="scope-heading">${consent.scope}</h2>
<ul>${
    scopes.length === 0
      ? html`<li>${consent.everything}</li>`
      : scopes.map((scope) => html`<li><code>${scope}</code></li>`)
  }</ul>
</section>
<section aria-labelledby="redirect-heading">
<h2 id="redirect-heading">${consent.redirect}</h2>
<p><code>${host === '' ? protocol : host}</code></p>
</section>
<form method="post">
<input type="hidden" name="csrf_token" value="${csrf_token}">
<div class="actions">
<button class="button primary" name="decision" value="allow">${consent.allow}</button>
<button class="button" name="decision" value="deny">${consent.deny}</button>
</div>
</form>`
  return sendPage(context, {
    title: `${consent.title} · ${texts.emulator}`,
    body: formPage(texts, domain.id, card),
    formAction: formActionOf(request.redirect_uri),
  })
}
