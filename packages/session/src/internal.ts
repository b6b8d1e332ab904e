// Helpers for the sibling @pds packages. They may change in any minor version.

export type { SessionClock } from './session/session-clock.ts'
export { type KeptToken, TokenKeeper, type TokenRenewal } from './session/token-keeper.ts'
