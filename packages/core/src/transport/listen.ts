/**
 * Listens to an event of the page, if this is a page. Returns a function that stops this.
 *
 * The listener is called before those of the page, which may call the SDK. It also gets the events of the document.
 */
export function listen(type: string, listener: (event: Event) => void): () => void {
  globalThis.addEventListener?.(type, listener, true)
  return () => globalThis.removeEventListener?.(type, listener, true)
}
