import { isPage, openChannel } from './backend.ts'

// The back/forward cache restores a page, or the browser resumes a frozen page.
const returnEvents = ['pageshow', 'resume']

/** Notifies watchers of a key that its record has changed. */
export interface Notifications {
  send(key: string): void
  /** Adds a watcher, and returns a function that removes it. */
  watch(key: string, changed: () => void): () => void
  /** Returns whether all changes by other tabs reach the watchers. */
  isWatching(): boolean
  close(): void
}

/**
 * Creates notifications for all tabs of an origin, or if they are not shared, for the users of this object. A message
 * contains only the key.
 */
export function createNotifications(name: string, isShared: boolean): Notifications {
  const watchers = new Map<string, Set<() => void>>()
  let channel: BroadcastChannel | undefined

  function notifyWatchers(key: unknown): void {
    for (const changed of watchers.get(key as string) ?? []) queueMicrotask(changed)
  }

  /** Notifies all watchers, because the page has lost messages. */
  function onReturn(event: Event): void {
    if ((event as PageTransitionEvent).persisted === false) return
    for (const key of watchers.keys()) notifyWatchers(key)
  }

  function listen(): void {
    if (channel || !isShared) return
    channel = openChannel(name)
    if (!channel) return
    channel.onmessage = ({ data }) => notifyWatchers(data)
    // The events of a document do not bubble.
    for (const type of returnEvents) globalThis.addEventListener?.(type, onReturn, true)
  }

  function stopListening(): void {
    channel?.close()
    channel = undefined
    for (const type of returnEvents) globalThis.removeEventListener?.(type, onReturn, true)
  }

  return {
    send(key) {
      notifyWatchers(key)
      if (!isShared) return
      const sender = channel ?? openChannel(name)
      sender?.postMessage(key)
      if (sender !== channel) sender?.close()
    },
    watch(key, changed) {
      const known = watchers.get(key) ?? new Set()
      watchers.set(key, known)
      // A wrapper, because the same function may be added twice.
      const call = () => changed()
      known.add(call)
      listen()
      return () => {
        known.delete(call)
        if (known.size === 0 && watchers.get(key) === known) watchers.delete(key)
        if (watchers.size === 0) stopListening()
      }
    },
    // A worker is not told that its page was frozen.
    isWatching: () => channel !== undefined && isPage(),
    close() {
      watchers.clear()
      stopListening()
    },
  }
}
