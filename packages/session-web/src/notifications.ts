import { listen } from '@pds/core/internal'
import { isPage, openChannel } from './browser.ts'

/** Notifies watchers of a key that its record has changed. */
export interface Notifications {
  send(key: string): void
  /** Adds a watcher, and returns a function that removes it. */
  watch(key: string, changed: () => void): () => void
  /** Returns whether all changes reach the watchers. */
  isWatching(): boolean
  close(): void
}

/**
 * Creates notifications for all tabs of an origin, or if the records are not shared, for the users of this object. A
 * message contains only the key.
 */
export function createNotifications(name: string, isShared: () => boolean): Notifications {
  const watchers = new Map<() => void, string>()
  let channel: BroadcastChannel | undefined
  let stops: (() => void)[] = []

  /** Notifies the watchers of a key, or all watchers. */
  function notify(key?: string): void {
    for (const [call, watched] of watchers) {
      if (!key || watched === key) queueMicrotask(call)
    }
  }

  function open(): BroadcastChannel | undefined {
    return isShared() ? openChannel(name) : undefined
  }

  function start(): void {
    channel = open()
    if (channel) channel.onmessage = ({ data }) => notify(data)
    // The page has lost messages: the back/forward cache restores it, or the browser resumes a frozen page.
    const resume = (event: Event) => {
      if ((event as PageTransitionEvent).persisted !== false) notify()
    }
    stops = [listen('pageshow', resume), listen('resume', resume)]
  }

  function stop(): void {
    watchers.clear()
    channel?.close()
    channel = undefined
    for (const end of stops) end()
  }

  return {
    send(key) {
      notify(key)
      const sender = channel ?? open()
      sender?.postMessage(key)
      if (sender !== channel) sender?.close()
    },
    watch(key, changed) {
      // A wrapper, because the same function may be added twice.
      const call = () => changed()
      if (!watchers.size) start()
      watchers.set(call, key)
      return () => {
        if (watchers.delete(call) && !watchers.size) stop()
      }
    },
    isWatching() {
      // A worker is not told that its page was frozen.
      return !isShared() || (Boolean(channel) && isPage())
    },
    close: stop,
  }
}
