import type { StoreLease } from '@pds/session'

/** Returns the fencing token of a lease. Throws if it was not granted. */
export async function fenceOf(lease: Promise<StoreLease | undefined>): Promise<number> {
  const granted = await lease
  if (!granted) throw new Error('another owner holds the lease')
  return granted.fence
}
