import { nameOf } from './name-of.ts'

/**
 * Whether IndexedDB could not be opened since the browser lets the page have none, as it will for all tabs of the
 * origin: only then may another place be used.
 */
export async function isDenial(error: unknown): Promise<boolean> {
  // `InvalidStateError` is that of private windows of Firefox before 115.
  if (['SecurityError', 'InvalidStateError'].includes(nameOf(error))) return true
  try {
    // Chromium calls a denial an `UnknownError`, as it does a disk that fails; but it then denies all storage.
    await globalThis.navigator.locks?.query()
    void globalThis.localStorage
    return false
  } catch (refusal) {
    return nameOf(refusal) === 'SecurityError'
  }
}
