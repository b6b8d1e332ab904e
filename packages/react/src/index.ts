'use client'

/**
 * React hooks over a session of `@pds/session`.
 *
 * @module
 * @mergeModuleWith <project>
 */

export type { CompletedSignIn, SignInProps } from './observed-session.ts'
export { PdsProvider, type PdsProviderProps } from './pds-provider.ts'
export type { PdsSession } from './pds-session.ts'
export { usePdsFetch } from './use-pds-fetch.ts'
export { usePdsSession } from './use-pds-session.ts'
