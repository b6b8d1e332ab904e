/** Notifies watchers of a key that its record has changed. */
export interface Notifications {
  send(key: string): void
  /** Adds a watcher, and returns a function that removes it. */
  watch(key: string, changed: () => void): () => void
  close(): void
}

/**
 * Creates notifications for all tabs of an origin, or without a channel, for the users of this object. A message contains
 * only the key.
 */
export function createNotifications(
  name: string,
  Channel: typeof BroadcastChannel | undefined,
): Notifications {
  const watchers = new Map<string, Set<() => void>>()
  let channel: BroadcastChannel | undefined

  function open(): BroadcastChannel | undefined {
    try {
      return Channel && new Channel(name)
    } catch {
      // The browser denies the channel together with the storage, so other tabs do not share the sessions.
      return undefined
    }
  }

  function notifyWatchers(key: unknown): void {
    for (const changed of watchers.get(key as string) ?? []) queueMicrotask(changed)
  }

  return {
    send(key) {
      notifyWatchers(key)
      const sender = channel ?? open()
      sender?.postMessage(key)
      if (sender !== channel) sender?.close()
    },
    watch(key, changed) {
      const known = watchers.get(key) ?? new Set()
      watchers.set(key, known)
      // A wrapper, because the same function may be added twice.
      const call = () => changed()
      known.add(call)
      if (!channel) {
        channel = open()
        if (channel) channel.onmessage = ({ data }) => notifyWatchers(data)
      }
      return () => {
        known.delete(call)
        if (known.size === 0 && watchers.get(key) === known) watchers.delete(key)
        if (watchers.size > 0) return
        channel?.close()
        channel = undefined
      }
    },
    close() {
      watchers.clear()
      channel?.close()
      channel = undefined
    },
  }
}
