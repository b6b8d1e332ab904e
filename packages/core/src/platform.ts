// What a page cannot do or does not need: bundles for browsers have `platform.browser.ts` in its place.
export { neverConnected, systemCode } from './connection-error.ts'
export { identification } from './identification.ts'
export { onAbort } from './on-abort.ts'
export { insteadOf } from './replaced-options.ts'
