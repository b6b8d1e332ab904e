// What a page cannot do or does not need: bundles for browsers have `platform.browser.ts` in its place.
export { neverConnected, systemCode } from './errors/connection-error.ts'
export { replacementFor } from './options/replaced-options.ts'
export { onAbort } from './transport/on-abort.ts'
export { setUserAgent } from './transport/user-agent.ts'
