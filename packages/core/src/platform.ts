// Code that pages cannot use. Bundles for browsers contain `platform.browser.ts` instead.
export { neverConnected, systemCode } from './errors/connection-error.ts'
export { replacementFor } from './options/replaced-options.ts'
export { onAbort } from './transport/on-abort.ts'
export { setUserAgent } from './transport/user-agent.ts'
