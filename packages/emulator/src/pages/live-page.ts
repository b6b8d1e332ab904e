import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { maxShown } from '../control/stream-requests.ts'
import type { EmulatorApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import type { LoggedRequest, RequestLog } from '../log/request-log.ts'
import { signInUrl } from '../routes/authorization-request.ts'
import { controlPanel } from './control-panel.ts'
import { describeRequests, endsSignIn, groupRequests, signInOf, timeOf } from './describe-request.ts'
import { type Html, logoImage, sendPage, textsFor } from './send-page.ts'
import { startControlPanel } from './start-control-panel.ts'
import { startLivePage } from './start-live-page.ts'
import type { Texts } from './texts.ts'

const script = `${timeOf}
${describeRequests}
${signInOf}
${endsSignIn}
${startControlPanel}
;(${startLivePage})({
  describe: describeRequests, clock: timeOf, signInOf, endsSignIn,
  onRequest: startControlPanel(JSON.parse(document.body.dataset.texts).controls),
})`

/** Sends the live page: the domain with its applications and users, and the requests to it. */
export async function sendLivePage(context: Context, domain: Domain, log: RequestLog): Promise<Response> {
  const texts = textsFor(context)
  const { live } = texts
  const { origin } = new URL(context.req.url)
  const apps = [...domain.apps.values()].map(({ app }) => app)
  const firstOAuthApp = apps.find((app) => app.type !== 'jwt')
  const entries = log.entries.slice(-maxShown)
  const body = html`<header class="top">
<div>
<h1 class="brand">${logoImage(32)}${live.title}</h1>
<p class="soft">${live.intro}</p>
<p class="jump"><a href="#domain">${live.jump}</a></p>
</div>
<dl class="pairs">
<div><dt>${live.endpoint}</dt><dd><code>${origin}</code> ${copyButton(texts, origin)}</dd></div>
<div><dt>${live.domain}</dt><dd><code>${domain.id}</code> ${copyButton(texts, domain.id)}</dd></div>
</dl>
</header>
<div class="columns">
<main>
<div class="bar">
<h2 id="requests-heading">${live.requests}</h2>
<p id="state" class="state" role="status"></p>
</div>
<div id="tools" class="bar" hidden>
<label for="filter" class="unseen">${live.filter}</label>
<input id="filter" class="field" type="text" placeholder="${live.filter}" autocapitalize="none" spellcheck="false">
<button type="button" class="button" id="pause">${live.pause}</button>
<button type="button" class="button" id="clear">${live.clear}</button>
</div>
<p class="hint">${live.requestsNote}</p>
<noscript><p><a class="button" href="/">${live.reload}</a></p></noscript>
<p id="announcement" class="unseen" role="status"></p>
<div id="empty" class="card"${entries.length > 0 ? raw(' hidden') : ''}>
<p>${live.empty}</p>
<pre><code>curl --json '{}' ${origin}/v2/user/get</code></pre>
${
  firstOAuthApp
    ? html`<p>${live.emptySignIn}</p>
<p><a href="${signInUrl('', firstOAuthApp)}">${live.tryIt(firstOAuthApp.name)}</a></p>`
    : ''
}
</div>
<ol id="requests" class="requests" aria-labelledby="requests-heading">
${groupRequests(entries)
  .toReversed()
  .map((group) => requestRow(texts, group))}
</ol>
<template id="request">${requestRow(texts)}</template>
</main>
<aside id="domain" aria-label="${live.domain}">
<h2>${live.applications}</h2>
<ul class="cards">${apps.map((app) => applicationCard(texts, app))}</ul>
<h2>${live.users}</h2>
<ul id="users" class="cards">${[...domain.users.values()]
    .slice(0, maxShown)
    .map(
      ({ user_id, user_name, role }) =>
        html`<li class="card"><bdi class="name">${user_name}</bdi> ${
          user_name === user_id ? '' : html`<code>${user_id}</code>`
        } <span class="hint">${role}</span></li>`,
    )}</ul>
${controlPanel(texts, domain)}
</aside>
</div>`
  const { connecting, live: isLive, paused, lost, pause, resume, announce, words, controls } = live
  const data = {
    limit: String(maxShown),
    log: log.id,
    last: entries.at(-1)?.requestId ?? '',
    texts: JSON.stringify({
      connecting,
      live: isLive,
      paused,
      lost,
      pause,
      resume,
      announce,
      words,
      controls: controls.words,
    }),
  }
  return sendPage(context, { title: `${live.title} · ${domain.id}`, body, data, script })
}

/** Returns a row of the list, or the template of a row if there are no entries. */
function requestRow(texts: Texts, entries: readonly LoggedRequest[] = []): Html {
  const { live } = texts
  const entry = entries.at(-1)
  const description = entry && describeRequests(entries, live.words)
  const shown = description?.texts
  const signIn = entry && !endsSignIn(entry) ? signInOf(entry) : undefined
  const facts = (Object.entries(live.facts) as [keyof Texts['live']['facts'], string][]).filter(
    ([name]) => !shown || shown[name] !== undefined,
  )
  return html`<li data-tone="${description?.tone ?? ''}"${
    signIn === undefined ? '' : html` data-sign-in="${signIn}"`
  }>
<div class="head"><time${
    entry ? html` datetime="${new Date(entry.at).toISOString()}">${timeOf(entry.at)}` : raw('>')
  }</time>
<code class="call" data-text="call">${shown?.call}</code>
<strong class="badge" data-text="outcome" data-tone="${description?.tone ?? ''}">${shown?.outcome}</strong></div>
${
  facts.length === 0
    ? ''
    : html`<dl class="pairs">${facts.map(
        ([name, label]) =>
          html`<div data-fact><dt>${label}</dt><dd data-text="${name}">${shown?.[name]}</dd></div>`,
      )}</dl>`
}
<details><summary>${live.details}</summary><button type="button" class="button copy" data-copy-details>${live.copy}</button><pre data-text="json">${shown?.json}</pre></details>
</li>`
}

/** Returns a button that copies a text. It is hidden without the script. */
function copyButton({ live }: Texts, text: string): Html {
  return html`<button type="button" class="button copy" data-copy="${text}" data-script-only hidden aria-label="${live.copyThis(text)}">${live.copy}</button>`
}

/** Returns a button that copies the secret of an application. The page itself does not contain the secret. */
function copySecretButton({ live }: Texts, client_id: string): Html {
  return html`<button type="button" class="button copy" data-copy-secret="${client_id}" data-script-only hidden aria-label="${live.copySecret(client_id)}">${live.copy}</button>`
}

function applicationCard(texts: Texts, app: EmulatorApp): Html {
  const { live } = texts
  const redacted = html`<span aria-hidden="true">••••••••</span><span class="unseen">${live.redacted}</span>`
  return html`<li class="card">
<h3><bdi>${app.name}</bdi> <span class="hint">${live.type[app.type]}</span></h3>
<dl class="pairs">
<div><dt>client_id</dt><dd><code>${app.client_id}</code> ${copyButton(texts, app.client_id)}</dd></div>
${
  app.type === 'jwt'
    ? app.private_key_pem === undefined
      ? ''
      : html`<div><dt>${live.privateKey}</dt><dd>${redacted} ${copySecretButton(texts, app.client_id)}</dd></div>`
    : html`${
        app.client_secret === undefined
          ? ''
          : html`<div><dt>${live.clientSecret}</dt><dd>${redacted} ${copySecretButton(texts, app.client_id)}</dd></div>`
      }
<div><dt>${live.redirectUris}</dt>${app.redirect_uris.map((uri) => html`<dd><code>${uri}</code> ${copyButton(texts, uri)}</dd>`)}</div>`
}
</dl>
${app.type === 'jwt' ? '' : html`<p><a href="${signInUrl('', app)}">${live.tryIt(app.name)}</a></p>`}
</li>`
}
