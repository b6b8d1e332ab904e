// That of `webStore` and `webStoreKey`, unless they are given another one.
const database = 'pds-sessions'
// The other tabs hold a key that is gone with it: what they wrote could not be read again.
const tabs = new BroadcastChannel('my-drive')
tabs.onmessage = () => location.reload()

/** Deletes all that this browser keeps of sign-ins, and its key, and loads the page anew in each tab. */
export function forgetKept(): void {
  const request = indexedDB.deleteDatabase(database)
  request.onsuccess = () => {
    tabs.postMessage('forgotten')
    location.reload()
  }
  request.onerror = () => location.reload()
}
