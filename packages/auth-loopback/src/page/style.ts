/** The style sheet of the default pages. */
export const style = `
:root { color-scheme: light dark; --back: #f3f5f8; --card: #fff; --text: #1a1f26; --soft: #545d69; --line: #d5dae1; --good: #0d652d; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --back: #101317; --card: #1a1e24; --text: #e7eaee; --soft: #a3adb9; --line: #343b45; --good: #93d7a5; --bad: #ffb4ab }
}
* { box-sizing: border-box; margin: 0 }
body {
  background: var(--back); color: var(--text); overflow-wrap: anywhere; padding: clamp(1rem, 12vh, 6rem) 1rem 2rem;
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
}
main {
  max-width: 27rem; margin: 0 auto; padding: clamp(1.25rem, 6vw, 2rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem; border-top: 4px solid var(--good);
}
main.failed { border-top-color: var(--bad) }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; margin-bottom: .5rem }
dl { margin-top: 1rem; font-size: .875rem }
dt { color: var(--soft) }
dd { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; margin-bottom: .5rem }
`
