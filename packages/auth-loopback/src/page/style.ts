import { sharedStyle } from './shared-style.ts'

/** The style sheet of the default pages. */
export const style: string = `${sharedStyle}
body { overflow-wrap: anywhere; padding: clamp(1rem, 12vh, 6rem) 1rem 2rem; }
main { display: grid; gap: .5rem; max-width: 27rem; margin: 0 auto; }
main.card { padding: clamp(1.5rem, 7vw, 2.25rem); }
svg {
  width: 3rem; height: 3rem; margin-bottom: .75rem; padding: .625rem; border-radius: 50%;
  background: var(--ok-tint); color: var(--ok); fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round;
}
[data-tone=alert] svg { background: var(--alert-tint); color: var(--alert); }
p { color: var(--soft); }
dl { margin-top: .75rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; }
dd { font-family: var(--mono); }
dd + dt { margin-top: .75rem; }
@media (forced-colors: active) { svg { border: 1px solid CanvasText; padding: calc(.625rem - 1px); } }
`
