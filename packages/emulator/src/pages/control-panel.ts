import { html } from 'hono/html'
import type { Domain } from '../domain/domain.ts'
import type { Html } from './send-page.ts'
import type { Texts } from './texts.ts'

const minute = 60_000

/** Faults to start from, as JSON. The names are keys of the texts. */
const faultPresets: Record<keyof Texts['live']['controls']['faultPresets'], object> = {
  lost: { type: 'drop', when: 'after' },
  throttle: { type: 'throttle', retryAfter: 2 },
  unavailable: { type: 'status', status: 503 },
  slow: { type: 'delay', milliseconds: 5000 },
}

/** Returns the panel that changes the domain: sessions, users, codes, the clock and faults. It needs the script. */
export function controlPanel({ live }: Texts, domain: Domain): Html {
  const { controls } = live
  const apps = [...domain.apps.values()].map(({ app }) => app).filter(({ type }) => type !== 'jwt')
  const moves = [
    [controls.minutes(10), 10 * minute],
    [controls.hours(2), 120 * minute],
    [controls.days(7), 7 * 24 * 60 * minute],
  ] as const
  return html`<div id="controls" hidden>
<p id="control-error" class="error" role="alert" hidden></p>
<section class="card">
<h2>${controls.sessions}</h2>
<ul id="sessions" class="cards"></ul>
<p id="no-sessions" class="hint">${controls.noSessions}</p>
<p class="ways"><button type="button" class="button small" id="end-all">${controls.endAll}</button></p>
</section>
<section class="card">
<h2>${controls.clock}</h2>
<p><time id="clock"></time></p>
<p class="ways">${moves.map(
    ([label, milliseconds]) =>
      html`<button type="button" class="button small" data-advance="${milliseconds}">${label}</button>`,
  )}<button type="button" class="button small" id="reset-clock">${controls.reset}</button></p>
</section>
<section class="card">
<h2>${controls.code}</h2>
<form id="create-code">
<label for="code-app">${live.facts.client_id}</label>
<select class="field" id="code-app" name="client_id">${apps.map(
    ({ client_id }) => html`<option>${client_id}</option>`,
  )}</select>
<label for="code-user">${live.facts.user_id}</label>
<input class="field" id="code-user" name="user_id" type="text" required autocapitalize="none" spellcheck="false" value="${
    [...domain.users.keys()][0] ?? ''
  }">
<p class="ways"><button class="button small">${controls.createCode}</button></p>
<p><code id="code"></code></p>
</form>
</section>
<section class="card">
<h2>${controls.faults}</h2>
<ul id="faults" class="cards"></ul>
<form id="inject-fault">
<label for="fault-preset">${controls.preset}</label>
<select class="field" id="fault-preset">${(
    Object.entries(faultPresets) as [keyof typeof faultPresets, object][]
  ).map(
    ([name, fault]) => html`<option value="${JSON.stringify(fault)}">${controls.faultPresets[name]}</option>`,
  )}</select>
<label for="fault">${controls.faultJson}</label>
<textarea class="field" id="fault" rows="3" spellcheck="false">${JSON.stringify(faultPresets.lost)}</textarea>
<p class="ways"><button class="button small">${controls.inject}</button><button type="button" class="button small" id="clear-faults">${controls.clearFaults}</button></p>
</form>
</section>
<section class="card">
<h2>${controls.newUser}</h2>
<form id="create-user">
<label for="new-user">${controls.userId}</label>
<input class="field" id="new-user" name="user_id" type="text" required autocapitalize="none" spellcheck="false">
<p class="ways"><button class="button small">${controls.createUser}</button></p>
</form>
</section>
</div>`
}
