import { listen } from '@pds/core/internal'

// A navigation that has begun may be cancelled, or be a download, which leaves the page unchanged. In milliseconds.
const maxNavigation = 5000

/**
 * Whether the page of a session is about to go away. Such a page may not hear the response to a request, so it spends
 * no refresh token.
 *
 * Outside of a page, nothing is observed, and the page counts as present.
 */
export class PageLife {
  /** Whether the page was about to go away during the last request. It may be back since. */
  hasLeft = false
  /** When the page began to go away, by `performance.now`. Infinite while it is hidden. */
  #leavingSince = Number.NEGATIVE_INFINITY
  readonly #stops: readonly (() => void)[] | undefined

  /** Calls `onReturn` when the page returns from the back/forward cache, or is resumed after it was frozen. */
  constructor(onReturn: () => void) {
    const { addEventListener, document } = globalThis
    // Other runtimes have one of these functions.
    if (!addEventListener || !document?.addEventListener) return
    this.#stops = [
      listen('pagehide', () => this.#leave(Number.POSITIVE_INFINITY)),
      listen('pageshow', (event) => {
        this.#leavingSince = Number.NEGATIVE_INFINITY
        if ((event as PageTransitionEvent).persisted) onReturn()
      }),
      // Not in Firefox and Safari.
      listen('resume', onReturn),
    ]
  }

  /** Whether the page is going away now. */
  get isLeaving(): boolean {
    return performance.now() - this.#leavingSince < maxNavigation
  }

  /**
   * Runs a request, and notices a page that is about to go away during it.
   *
   * Firefox aborts the requests of a page before `pagehide`. Listens to `beforeunload` only during the request, because
   * browsers may exclude pages that listen from the back/forward cache.
   */
  async during<T>(request: () => Promise<T>): Promise<T> {
    if (!this.#stops) return request()
    const stop = listen('beforeunload', () => this.#leave(performance.now()))
    this.hasLeft = false
    try {
      return await request()
    } catch (error) {
      // The events of a navigation may follow the failure of its requests.
      await nextTurn()
      throw error
    } finally {
      stop()
    }
  }

  stop(): void {
    for (const stop of this.#stops ?? []) stop()
  }

  #leave(since: number): void {
    this.#leavingSince = since
    this.hasLeft = true
  }
}

/** Waits for the next turn of the event loop. Not a timer, because the timers of hidden tabs are slow. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
