import type { LeaseHolder } from './store.ts'

/** A lease that this session holds. Only its owner spends the refresh token. */
export interface Lease {
  /** The owner and the fencing token. Undefined after the lease was released. */
  holder: LeaseHolder | undefined
  /** Returns the time until the lease expires, in milliseconds; negative once it has expired. */
  remaining(): number
  /** Takes the lease again for its whole duration. Returns false if another owner holds it, or if the store fails. */
  extend(): Promise<boolean>
  /** Releases the lease. Ignores an error of the store, because the lease expires anyway. */
  release(): Promise<void>
}
