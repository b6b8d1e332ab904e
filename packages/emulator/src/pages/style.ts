/** The style sheet of all pages. */
export const style = `
:root {
  color-scheme: light dark;
  --back: #f3f5f8; --card: #fff; --text: #1a1f26; --soft: #545d69; --line: #d5dae1; --field: #808a97;
  --accent: #0b57d0; --on-accent: #fff; --tint: #e8effb; --bad: #b3261e; --bad-tint: #fdecea; --good: #0d652d; --good-tint: #e6f4ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #101317; --card: #1a1e24; --text: #e7eaee; --soft: #a3adb9; --line: #343b45; --field: #7d8895;
    --accent: #9cc0ff; --on-accent: #0b1a33; --tint: #202c40; --bad: #ffb4ab; --bad-tint: #3b1f1d; --good: #93d7a5; --good-tint: #1b3122;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd, pre, fieldset { margin: 0; padding: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
p { text-wrap: pretty; }
h2 { font-size: 1.125rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 600; }
code, pre, .pairs dd { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; font-size: .875em; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button, .button {
  font: inherit; font-weight: 550; color: var(--accent); background: none; cursor: pointer; text-decoration: none;
  border: 1px solid var(--field); border-radius: .5rem; padding: .5rem 1rem; min-height: 2.75rem;
}
.button { display: inline-block; }
button:hover, .button:hover { background: var(--tint); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent); filter: brightness(1.1); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
.hint, .brand, footer, .lead { color: var(--soft); }
.hint { font-size: .875rem; font-weight: 400; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }

.sign-in { max-width: 27rem; margin: 0 auto; padding: clamp(1rem, 6vh, 4rem) 1rem 2rem; }
.sign-in .card { padding: clamp(1.25rem, 6vw, 2rem); border-radius: 1rem; }
.sign-in .card > * + * { margin-top: 1.25rem; }
.sign-in .card > .brand + h1 { margin-top: .75rem; }
.sign-in .card > h1 + .lead { margin-top: .25rem; }
.sign-in .card > h2 + * { margin-top: .25rem; }
.sign-in h2, legend, label { font-size: .875rem; font-weight: 600; color: var(--soft); }
.brand { font-size: .875rem; }
.lead strong { color: var(--text); font-weight: 600; }
footer { font-size: .8125rem; text-align: center; padding: 1rem .5rem 0; }
fieldset { border: 0; min-width: 0; }
legend { padding: 0 0 .5rem; }
form + form { border-top: 1px solid var(--line); padding-top: 1.25rem; }
form + form legend { color: var(--text); }
.pick, .current { display: flex; align-items: center; gap: .75rem; }
.pick { width: 100%; text-align: start; color: var(--text); border-color: var(--line); padding: .5rem .75rem; margin-bottom: .5rem; }
.current { padding: .5rem 0; }
.initial {
  flex: none; display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: 50%;
  background: var(--tint); color: var(--accent); font-weight: 650;
}
.user { min-width: 0; line-height: 1.3; }
.name { font-weight: 550; }
.user .id { display: block; color: var(--soft); font-size: .875rem; font-weight: 400; }
label { display: block; margin-bottom: .25rem; }
input[type=text], select, textarea {
  width: 100%; font: inherit; color: inherit; background: var(--card); min-height: 2.75rem; padding: .5rem .75rem;
  border: 1px solid var(--field); border-radius: .5rem;
}
input[aria-invalid] { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
.error { color: var(--bad); background: var(--bad-tint); border-radius: .5rem; padding: .5rem .75rem; margin-bottom: .75rem; }
textarea { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; }
.copy { min-height: 1.5rem; padding: 0 .5rem; font-size: .75rem; border-color: var(--line); border-radius: .375rem; }
#tools input { flex: 1 1 12rem; width: auto; }
#controls h2 { margin-top: 1.5rem; }
#controls form, #controls .ways, #controls label { margin-top: .5rem; }
#controls .error { position: sticky; top: .5rem; margin-top: 1rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
.actions button { flex: 1 1 7rem; }
.sign-in ul { padding-inline-start: 1.25rem; }
.ways { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1rem; }

.top, .columns { max-width: 80rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2rem); }
.top { display: flex; flex-wrap: wrap; gap: 1rem 2rem; justify-content: space-between; align-items: end; padding-bottom: 0; }
.top > div { flex: 1 1 20rem; max-width: 44rem; }
.top p { color: var(--soft); margin-top: .25rem; }
.columns { display: grid; gap: 2rem; }
.columns > * { min-width: 0; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; min-height: 2.75rem; }
.bar .state { color: var(--soft); font-size: .875rem; margin-inline-end: auto; }
.state:not(:empty)::before {
  content: ''; display: inline-block; box-sizing: border-box; width: .875rem; height: .875rem; vertical-align: -.125rem;
  margin-inline-end: .4rem; border-radius: 50%; border: 2px solid var(--soft);
}
/* The border fills the dot, because forced colors remove backgrounds. */
.state[data-is-live=true]::before { border-width: .4375rem; border-color: var(--good); }
.columns main > .hint { margin: .25rem 0 1rem; }
.columns main .card p + *, aside .card dl + p { margin-top: .5rem; }
.columns main .card pre + p { margin-top: 1rem; }
pre { white-space: pre-wrap; background: var(--back); border-radius: .5rem; padding: .625rem .75rem; }
.requests, .plain { list-style: none; display: grid; gap: .5rem; }
.requests > li {
  background: var(--card); border: 1px solid var(--line); border-inline-start: 4px solid var(--good); border-radius: .5rem; padding: .625rem .875rem;
}
.requests > li.bad { border-inline-start-color: var(--bad); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .75rem; }
.head time { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; }
.head .call { font-weight: 600; margin-inline-end: auto; }
.outcome { font-size: .8125rem; font-weight: 600; border-radius: .5rem; overflow-wrap: anywhere; padding: .0625rem .625rem; background: var(--good-tint); color: var(--good); }
.bad .outcome { background: var(--bad-tint); color: var(--bad); }
.pairs { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: .375rem; }
.pairs > div { min-width: 0; }
.pairs dt { font-size: .75rem; color: var(--soft); }
.pairs dd { line-height: 1.35; }
details { margin-top: .375rem; font-size: .875rem; }
summary { cursor: pointer; color: var(--soft); width: fit-content; padding: .125rem 0; }
aside > h2:first-child { display: flex; align-items: center; min-height: 2.75rem; }
aside .plain { margin: .75rem 0 1.5rem; }
aside h3 { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; }
aside .pairs { flex-direction: column; }
.users > li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .875rem; }
@media (min-width: 60rem) { .columns { grid-template-columns: minmax(0, 1fr) 22rem; } }
@media (forced-colors: active) { .requests > li.bad { border-inline-start-style: double; border-inline-start-width: 6px; } }
`
