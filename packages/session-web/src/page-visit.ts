/** The transactions of a page that must not stay open while the page is hidden. */
export interface PageVisit {
  /** Aborts a transaction when the page is hidden. Returns a function that stops this. */
  guard(transaction: IDBTransaction): () => void
  /** Resolves when the page is shown: immediately, unless the page is in the back/forward cache. */
  shown(): Promise<void>
  close(): void
}

/**
 * Observes whether the page is shown.
 *
 * Safari keeps a page in the back/forward cache even if it has an open transaction, which then blocks all other tabs. So
 * a page aborts its transactions when it is hidden, and begins no transaction before it is shown again.
 */
export function createPageVisit(): PageVisit {
  const guarded = new Set<IDBTransaction>()
  let isListening = false
  let shown: Promise<void> = Promise.resolve()
  let resume: (() => void) | undefined

  function hide(): void {
    if (resume) return
    shown = new Promise((resolve) => {
      resume = resolve
    })
    for (const transaction of guarded) transaction.abort()
    guarded.clear()
  }

  function show(): void {
    resume?.()
    resume = undefined
  }

  function listen(): void {
    if (isListening) return
    isListening = true
    // Before the listeners of the page, which may call the store.
    globalThis.addEventListener?.('pagehide', hide, true)
    globalThis.addEventListener?.('pageshow', show, true)
  }

  return {
    guard(transaction) {
      guarded.add(transaction)
      return () => guarded.delete(transaction)
    },
    shown() {
      listen()
      return shown
    },
    close() {
      globalThis.removeEventListener?.('pagehide', hide, true)
      globalThis.removeEventListener?.('pageshow', show, true)
      show()
    },
  }
}
