import { sharedStyle } from './shared-style.ts'

/** The style sheet of all pages. */
export const style: string = `${sharedStyle}
body { overflow-wrap: anywhere; }
.pairs dd { font-family: var(--mono); font-size: .875em; line-height: 1.4; }
.hint { color: var(--soft); font-size: .875rem; font-weight: 400; }
.name { font-weight: 550; }
label { display: block; margin-bottom: .25rem; color: var(--soft); font-size: .875rem; font-weight: 600; }
textarea.field { font-family: var(--mono); font-size: .875rem; }
.error {
  color: var(--alert); background: var(--alert-tint); border: 1px solid var(--alert); border-radius: var(--round-control);
  padding: .5rem .75rem;
}
.ways { display: flex; flex-wrap: wrap; align-items: center; gap: .625rem; }

.sign-in { max-width: 27rem; margin: 0 auto; padding: clamp(1rem, 6vh, 4rem) 1rem 2rem; }
.sign-in .card { padding: clamp(1.25rem, 6vw, 2rem); }
.sign-in .card > * + * { margin-top: 1.25rem; }
.sign-in .card > h1 + .lead { margin-top: .375rem; }
.sign-in .card > h2 + * { margin-top: .375rem; }
.sign-in .brand { color: var(--soft); font-size: .875rem; font-weight: 400; }
.sign-in h2, legend { padding: 0; color: var(--soft); font-size: .875rem; font-weight: 600; }
legend { padding-bottom: .5rem; }
.lead { color: var(--soft); }
.lead strong { color: var(--text); font-weight: 600; }
.sign-in footer { color: var(--soft); font-size: .8125rem; text-align: center; padding: 1rem .5rem 0; }
form + form { border-top: 1px solid var(--line); padding-top: 1.25rem; }
form + form legend { color: var(--text); }
.pick, .current { display: flex; align-items: center; gap: .75rem; }
.pick { justify-content: start; width: 100%; text-align: start; padding: .5rem .75rem; }
.pick + .pick, .pick + .hint { margin-top: .5rem; }
.pick, .cards .card { border-color: var(--line); }
.current { padding: .5rem 0; }
.user { min-width: 0; line-height: 1.3; }
.user .id { display: block; color: var(--soft); font-size: .875rem; font-weight: 400; }
.sign-in .error { margin-bottom: .75rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
.actions .button { flex: 1 1 7rem; }
.sign-in li { display: flex; gap: .5rem; }
.sign-in li::before { content: '•'; color: var(--soft); }

.top, .columns { max-width: 80rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2rem); }
.top { display: flex; flex-wrap: wrap; gap: 1rem 2rem; justify-content: space-between; align-items: end; padding-bottom: 0; }
.top > div { flex: 1 1 20rem; max-width: 44rem; }
.top p { margin-top: .375rem; }
.columns { display: grid; gap: 2rem; }
.columns > * { min-width: 0; }
.columns h2 { display: flex; align-items: center; min-height: 2.75rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .625rem; }
.bar .state { color: var(--soft); font-size: .875rem; }
#tools .field { flex: 1 1 9rem; width: auto; min-width: 0; }
#tools .button { padding-inline: .875rem; }
.state:not(:empty)::before {
  content: ''; display: inline-block; box-sizing: border-box; width: .75rem; height: .75rem; vertical-align: -.0625rem;
  margin-inline-end: .4rem; border-radius: 50%; border: 2px solid var(--soft);
}
/* The border fills the dot, because forced colors remove backgrounds. */
.state[data-is-live=true]::before { border-width: .375rem; border-color: var(--ok); }
.columns main > .hint { margin: .5rem 0 1rem; }
#empty > * + *, .cards .card dl + p { margin-top: .5rem; }
#empty pre + p { margin-top: 1rem; }
pre {
  white-space: pre-wrap; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--round-control);
  padding: .625rem .875rem;
}
.requests, .cards { display: grid; gap: .625rem; }
.requests > li {
  background: var(--card); border: 1px solid var(--line); border-inline-start: 4px solid var(--ok);
  border-radius: var(--round-control); padding: .75rem 1rem;
}
.requests > li[data-tone=alert] { border-inline-start-color: var(--alert); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .75rem; }
.head time { font-size: .875rem; }
.head .call { font-weight: 600; margin-inline-end: auto; }
.head .badge { font-size: .8125rem; }
.pairs { display: flex; flex-wrap: wrap; gap: .375rem 1.5rem; margin-top: .5rem; }
.pairs > div { min-width: 0; }
.pairs dt { font-size: .75rem; }
details { margin-top: .5rem; font-size: .875rem; }
summary { cursor: pointer; color: var(--soft); width: fit-content; padding: .125rem 0; border-radius: .25rem; }
details .copy { margin: .25rem 0 .375rem; }
.copy { min-height: 1.5rem; padding: 0 .5rem; border-color: var(--line); border-radius: .375rem; font-size: .75rem; font-family: var(--sans); }
.cards .card { padding: .75rem 1rem; border-radius: var(--round-control); }
.cards + h2 { margin-top: 1rem; }
.cards h3 { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; }
aside .pairs { flex-direction: column; }
#users .card { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; }
#users .hint { margin-inline-start: auto; }
#controls { display: grid; gap: 1rem; margin-top: 1.5rem; }
#controls .error { position: sticky; top: .5rem; z-index: 1; }
#controls h2 { min-height: 0; }
#controls section > * + *, #controls form > * + * { margin-top: .625rem; }
#controls label + .field { margin-top: 0; }
#controls li { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .625rem; }
#controls li .button { margin-inline-start: auto; }
#controls ul:empty, #controls p:has(#code:empty) { display: none; }
@media (min-width: 60rem) {
  .columns { grid-template-columns: minmax(0, 1fr) 22rem; }
  .jump { display: none; }
}
@media (forced-colors: active) {
  .requests > li[data-tone=alert] { border-inline-start-style: double; border-inline-start-width: 6px; }
}
`
