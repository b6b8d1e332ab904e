import type { Grant } from '@pds/types'
import { fingerprint } from './record/session-state.ts'

/** Returns a fingerprint of the id of a grant. It is not cached: a page has few sessions. */
export function fingerprintOf({ id = '' }: Pick<Grant, 'id'>): Promise<string> {
  return fingerprint(id)
}

/** Does nothing: browsers do not cancel the body of a response when its clone is garbage-collected. */
export function keepClone(_response: Response, _clone: Response): void {}

/** Does nothing: timers do not keep a page open. */
export function unref(_timer: ReturnType<typeof setTimeout>): void {}
