import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { maxShown } from '../control/stream-requests.ts'
import type { EmulatorApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import type { LoggedRequest, RequestLog } from '../log/request-log.ts'
import { signInUrl } from '../routes/authorization-request.ts'
import { describeRequest, timeOf } from './describe-request.ts'
import { type Html, sendPage, textsFor } from './send-page.ts'
import { startLivePage } from './start-live-page.ts'
import type { Texts } from './texts.ts'

const script = `${timeOf}\n${describeRequest}\n;(${startLivePage})(describeRequest, timeOf)`

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
<h1>${live.title}</h1>
<p>${live.intro}</p>
</div>
<dl class="pairs">
<div><dt>${live.endpoint}</dt><dd><code>${origin}</code></dd></div>
<div><dt>${live.domain}</dt><dd><code>${domain.id}</code></dd></div>
</dl>
</header>
<div class="columns">
<main>
<div class="bar">
<h2 id="requests-heading">${live.requests}</h2>
<p id="state" class="state" role="status"></p>
<button type="button" id="pause" hidden>${live.pause}</button>
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
${entries.toReversed().map((entry) => requestRow(texts, entry))}
</ol>
<template id="request">${requestRow(texts)}</template>
</main>
<aside aria-label="${live.domain}">
<h2>${live.applications}</h2>
<ul class="plain">${apps.map((app) => applicationCard(texts, app))}</ul>
<h2>${live.users}</h2>
<ul class="plain users">${[...domain.users.values()]
    .slice(0, maxShown)
    .map(
      ({ user_id, user_name, role }) =>
        html`<li><bdi class="name">${user_name}</bdi> ${
          user_name === user_id ? '' : html`<code>${user_id}</code>`
        } <span class="hint">${role}</span></li>`,
    )}</ul>
</aside>
</div>`
  const { connecting, live: isLive, paused, lost, pause, resume, announce, words } = live
  const data = {
    limit: String(maxShown),
    log: log.id,
    last: entries.at(-1)?.requestId ?? '',
    texts: JSON.stringify({ connecting, live: isLive, paused, lost, pause, resume, announce, words }),
  }
  return sendPage(context, { title: `${live.title} · ${domain.id}`, body, data, script })
}

/** Returns a row of the list, or the template of a row if there is no entry. */
function requestRow({ live }: Texts, entry?: LoggedRequest): Html {
  const description = entry && describeRequest(entry, live.words)
  const texts = description?.texts
  const facts = (Object.entries(live.facts) as [keyof Texts['live']['facts'], string][]).filter(
    ([name]) => !texts || texts[name] !== undefined,
  )
  return html`<li class="${description?.tone ?? ''}">
<div class="head"><time${
    entry ? html` datetime="${new Date(entry.at).toISOString()}">${timeOf(entry.at)}` : raw('>')
  }</time>
<code class="call" data-text="call">${texts?.call}</code>
<strong class="outcome" data-text="outcome">${texts?.outcome}</strong></div>
${
  facts.length === 0
    ? ''
    : html`<dl class="pairs">${facts.map(
        ([name, label]) =>
          html`<div data-fact><dt>${label}</dt><dd data-text="${name}">${texts?.[name]}</dd></div>`,
      )}</dl>`
}
<details><summary>${live.details}</summary><pre data-text="json">${texts?.json}</pre></details>
</li>`
}

function applicationCard({ live }: Texts, app: EmulatorApp): Html {
  const redacted = html`<span aria-hidden="true">••••••••</span><span class="unseen">${live.redacted}</span>`
  return html`<li class="card">
<h3><bdi>${app.name}</bdi> <span class="hint">${live.type[app.type]}</span></h3>
<dl class="pairs">
<div><dt>client_id</dt><dd><code>${app.client_id}</code></dd></div>
${
  app.type === 'jwt'
    ? app.private_key_pem === undefined
      ? ''
      : html`<div><dt>${live.privateKey}</dt><dd>${redacted}</dd></div>`
    : html`${
        app.client_secret === undefined
          ? ''
          : html`<div><dt>${live.clientSecret}</dt><dd>${redacted}</dd></div>`
      }
<div><dt>${live.redirectUris}</dt>${app.redirect_uris.map((uri) => html`<dd><code>${uri}</code></dd>`)}</div>`
}
</dl>
${app.type === 'jwt' ? '' : html`<p><a href="${signInUrl('', app)}">${live.tryIt(app.name)}</a></p>`}
</li>`
}
