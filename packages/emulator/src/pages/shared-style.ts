// Written by tooling/look/write-tokens.mjs.

/** The variables, elements and parts of all pages. */
export const sharedStyle: string = `
:root {
  color-scheme: light dark;
  --page: #f4f6f9;
  --card: #ffffff;
  --sunken: #f2f4f8;
  --line: #dfe4ec;
  --control: #7a879a;
  --text: #141a24;
  --soft: #546074;
  --accent: #2456c8;
  --accent-strong: #1b45a6;
  --on-accent: #ffffff;
  --accent-tint: #e8eefc;
  --ok: #176b3f;
  --ok-tint: #e3f4ea;
  --alert: #a3262b;
  --alert-tint: #fdeeee;
  --code-word: #7a2fae;
  --code-text: #176b3f;
  --shade: rgb(20 30 50 / 7%);
  --shadow: rgb(20 30 50 / 5%);
  --round: 14px;
  --round-control: 10px;
  --round-small: 8px;
  --gap: 1rem;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "Noto Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116;
    --card: #161a21;
    --sunken: #0f1319;
    --line: #2a313c;
    --control: #6b7789;
    --text: #e9edf3;
    --soft: #a3afc0;
    --accent: #8fb2ff;
    --accent-strong: #adc6ff;
    --on-accent: #0c1730;
    --accent-tint: #1c2946;
    --ok: #7fd3a4;
    --ok-tint: #15301f;
    --alert: #ff9d9b;
    --alert-tint: #35191b;
    --code-word: #d3a6f5;
    --code-text: #7fd3a4;
    --shade: rgb(255 255 255 / 9%);
    --shadow: transparent;
  }
}
:root {
  font: 100% / 1.5 var(--sans);
  -webkit-text-size-adjust: 100%;
}
*,
::before,
::after {
  box-sizing: border-box;
}
[hidden] {
  display: none !important;
}
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
}
h1,
h2,
h3,
p,
dl,
dd,
ol,
ul,
pre,
figure,
fieldset {
  margin: 0;
  padding: 0;
}
ol,
ul {
  list-style: none;
}
fieldset {
  min-width: 0;
  border: 0;
}
h1 {
  font-size: 1.5rem;
  font-weight: 650;
  line-height: 1.25;
  letter-spacing: -0.01em;
  overflow-wrap: anywhere;
  text-wrap: balance;
}
h2 {
  font-size: 1.125rem;
  font-weight: 650;
  line-height: 1.35;
}
h3 {
  font-size: 1rem;
  font-weight: 600;
}
p {
  text-wrap: pretty;
}
code,
pre {
  font-family: var(--mono);
  font-size: 0.875em;
}
pre code {
  font-size: inherit;
}
dt,
time {
  color: var(--soft);
}
time {
  font-variant-numeric: tabular-nums;
}
a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
h1:focus,
main:focus {
  outline: none;
}
:lang(zh) h1 {
  letter-spacing: 0;
}
.soft {
  color: var(--soft);
}
.small {
  font-size: 0.875rem;
}
.unseen {
  position: absolute;
  overflow: hidden;
  width: 1px;
  height: 1px;
  margin: -1px;
  clip-path: inset(50%);
  white-space: nowrap;
}
.brand {
  display: flex;
  align-items: center;
  gap: 0.625rem;
  font-weight: 650;
}
.brand img {
  flex: none;
}
.card {
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: var(--round);
  background: var(--card);
  box-shadow: 0 1px 2px var(--shadow);
}
.avatar {
  display: grid;
  flex: none;
  place-items: center;
  width: 2.5rem;
  height: 2.5rem;
  border-radius: 50%;
  background: var(--accent-tint);
  color: var(--accent-strong);
  font-weight: 650;
}
.badge {
  padding: 0.0625rem 0.625rem;
  border-radius: 0.8125rem;
  font-size: 0.875rem;
  font-weight: 600;
  overflow-wrap: anywhere;
}
.badge[data-tone="ok"] {
  background: var(--ok-tint);
  color: var(--ok);
}
.badge[data-tone="alert"] {
  background: var(--alert-tint);
  color: var(--alert);
}
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 0.5rem;
  min-height: 2.75rem;
  padding: 0.5rem 1.25rem;
  border: 1px solid var(--control);
  border-radius: var(--round-control);
  background: var(--card);
  color: var(--text);
  font: inherit;
  font-weight: 550;
  line-height: 1.25;
  text-decoration: none;
  cursor: pointer;
}
.button.small {
  min-height: 2.25rem;
  padding: 0.375rem 0.875rem;
  border-radius: var(--round-small);
  font-size: 0.9375rem;
}
.button.large {
  min-height: 3rem;
  padding-inline: 1.75rem;
  font-size: 1.0625rem;
}
.button:not([aria-disabled]):hover {
  border-color: var(--text);
}
.button.primary {
  border-color: var(--accent);
  background: var(--accent);
  color: var(--on-accent);
}
.button.primary:not([aria-disabled]):hover {
  border-color: var(--accent-strong);
  background: var(--accent-strong);
}
.button[aria-disabled] {
  opacity: 0.65;
  cursor: default;
}
.button[aria-busy] {
  cursor: progress;
}
.button[aria-busy]::before {
  flex: none;
  width: 0.625rem;
  height: 0.625rem;
  margin-inline: -0.875rem -0.25rem;
  border: 2px solid currentcolor;
  border-right-color: transparent;
  border-radius: 50%;
  content: "";
  animation: turn 0.8s linear infinite;
}
@keyframes turn {
  to {
    rotate: 1turn;
  }
}
.field {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--control);
  border-radius: var(--round-control);
  background: var(--card);
  color: var(--text);
  font: inherit;
}
.field::placeholder {
  color: var(--soft);
  opacity: 1;
}
.field[aria-invalid] {
  border-color: var(--alert);
  box-shadow: 0 0 0 1px var(--alert);
}
@media (prefers-reduced-motion: reduce) {
  .button[aria-busy]::before {
    animation: none;
  }
}
@media (forced-colors: active) {
  .button[aria-busy]::before {
    border-right-color: ButtonFace;
  }
  .avatar,
  .badge {
    border: 1px solid CanvasText;
  }
}
`
