import type { Grant } from '@pds/types'
import type { Profile } from '../profile/profile.ts'
import type { LoadedGrant } from './load-grant.ts'
import type { MeasuredClock } from './measured-clock.ts'

/** A grant that is loaded late. */
export interface LazyGrant extends Grant {
  /** Returns whether it may have sent a request. */
  isUsed(): boolean
}

/**
 * Creates a grant that loads the transport and the signing when it sends its first request. A valid token in the store
 * needs neither.
 */
export function lazyGrant(profile: Profile, user_id: string | undefined, clock: MeasuredClock): LazyGrant {
  let loading: Promise<LoadedGrant> | undefined
  let loaded: LoadedGrant | undefined
  let isUsed = false
  async function load(): Promise<Grant> {
    isUsed = true
    loading ??= import('./load-grant.ts').then(({ loadGrant }) => loadGrant(profile, user_id))
    const current = loading
    try {
      loaded = await current
      return loaded.grant
    } catch (error) {
      // The next call tries again, for example when the file of the key is back.
      if (loading === current) loading = undefined
      throw error
    }
  }
  /** Calls a function of the grant, and takes note of the server's time. */
  async function use<T>(call: (grant: Grant) => T): Promise<Awaited<T>> {
    try {
      return await call(await load())
    } finally {
      if (loaded?.transport.hasServerTime()) clock.measure(loaded.transport.now())
    }
  }
  const isService = profile.type === 'service'
  return {
    id: JSON.stringify([profile.api_endpoint, profile.client_id, ...(isService ? [user_id ?? null] : [])]),
    origins: [new URL(profile.api_endpoint).origin],
    isUsed: () => isUsed,
    now: () =>
      loaded?.transport.hasServerTime() ? loaded.transport.now() : Date.now() + (clock.offset ?? 0),
    hasServerTime: () => loaded?.transport.hasServerTime() || clock.offset !== undefined,
    ...(isService
      ? { obtain: (context) => use((grant) => grant.obtain?.(context) as never) }
      : { refresh: (token, context) => use((grant) => grant.refresh?.(token, context) as never) }),
    revoke: (token, context) => use((grant) => grant.revoke?.(token, context)),
  }
}
