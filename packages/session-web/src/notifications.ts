/** Tells those who watch a key that its record has changed. */
export interface Notifications {
  tell(key: string): void
  /** Gives what ends it. */
  watch(key: string, changed: () => void): () => void
  close(): void
}

/** Notifications for all tabs of an origin, or with no channel for those who share this object: they hold a key and no more. */
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
      // Denied, as other storage: nobody else shares it then.
      return undefined
    }
  }

  function tellHere(key: unknown): void {
    for (const changed of watchers.get(key as string) ?? []) queueMicrotask(changed)
  }

  return {
    tell(key) {
      tellHere(key)
      const sender = channel ?? open()
      sender?.postMessage(key)
      if (sender !== channel) sender?.close()
    },
    watch(key, changed) {
      const known = watchers.get(key) ?? new Set()
      watchers.set(key, known)
      // The same function may be given twice.
      const call = () => changed()
      known.add(call)
      if (!channel) {
        channel = open()
        if (channel) channel.onmessage = ({ data }) => tellHere(data)
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
