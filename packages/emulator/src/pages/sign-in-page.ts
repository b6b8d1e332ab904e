import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Domain } from '../domain/domain.ts'
import type { AuthorizationRequest } from '../routes/authorization-request.ts'
import { formActionOf, formPage, userLabel } from './form-page.ts'
import { sendPage, textsFor } from './send-page.ts'

/** The number of users that the page lists. The ids of other users can be entered. */
const maxUsers = 20

/** Sends the page on which a user is selected or entered. `unknownUserId` was entered before and has no user. */
export async function sendSignInPage(
  context: Context,
  domain: Domain,
  page: { request: AuthorizationRequest; csrf_token: string; unknownUserId?: string },
): Promise<Response> {
  const texts = textsFor(context)
  const { signIn } = texts
  const { request, csrf_token, unknownUserId } = page
  const users = [...domain.users.values()]
  const shown = users.slice(0, maxUsers)
  const token = html`<input type="hidden" name="csrf_token" value="${csrf_token}">`
  const error = unknownUserId?.trim() === '' ? signIn.empty : signIn.unknown(unknownUserId ?? '')
  const hasError = unknownUserId !== undefined
  const card = html`<h1>${signIn.title}</h1>
<p class="lead">${signIn.lead} <bdi><strong>${request.app.name}</strong></bdi></p>
${
  shown.length === 0
    ? ''
    : html`<form method="post">${token}
<fieldset>
<legend>${signIn.users}</legend>
${shown.map((user) => html`<button class="button pick" name="user_id" value="${user.user_id}">${userLabel(user)}</button>`)}
${users.length > shown.length ? html`<p class="hint">${signIn.more(users.length - shown.length)}</p>` : ''}
</fieldset>
</form>`
}
<form method="post">${token}
<fieldset>
<legend>${signIn.otherUser}</legend>
${hasError ? html`<p class="error" id="user-error" role="alert">${error}</p>` : ''}
<label for="user">${signIn.label}</label>
<input id="user" class="field" name="user_id" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" value="${
    unknownUserId ?? ''
  }"${hasError ? html` aria-invalid="true" aria-describedby="user-error" autofocus` : ''}>
<div class="actions">
<button class="button primary">${signIn.submit}</button>
<button class="button" name="decision" value="deny">${signIn.cancel}</button>
</div>
</fieldset>
</form>`
  const title = `${signIn.title} · ${texts.emulator}`
  return sendPage(
    context,
    {
      title: hasError ? texts.errorTitle(title) : title,
      body: formPage(texts, domain.id, card),
      formAction: formActionOf(request.redirect_uri),
    },
    hasError ? 400 : 200,
  )
}
