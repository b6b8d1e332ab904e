/** Whether there is IndexedDB at all: to use it may be denied all the same. */
export function hasIndexedDB(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return false
  }
}
