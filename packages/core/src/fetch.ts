export { isPDSError, PDSError } from './errors/pds-error.ts'
export { reviveError } from './errors/revive-error.ts'
export type * from './index.ts'
export { createTransport } from './transport/fetch-transport.ts'
