/** The functions that watch the records of a store. */
export class Watchers {
  readonly #watchers = new Map<string, Set<() => void>>()

  has(key: string): boolean {
    return this.#watchers.has(key)
  }

  /** Adds a watcher. Returns a function that removes it. */
  add(key: string, changed: () => void): () => void {
    const watchersOfKey = this.#watchers.get(key) ?? new Set()
    this.#watchers.set(key, watchersOfKey)
    // A wrapper per call, because the same function may watch twice.
    const watcher = () => changed()
    watchersOfKey.add(watcher)
    return () => {
      watchersOfKey.delete(watcher)
      if (watchersOfKey.size === 0 && this.#watchers.get(key) === watchersOfKey) this.#watchers.delete(key)
    }
  }

  /** Calls the watchers of keys, or all watchers. An error of a watcher is thrown later, so that all watchers run. */
  call(keys: readonly string[] = [...this.#watchers.keys()]): void {
    for (const watcher of this.#of(keys)) {
      try {
        watcher()
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Calls the watchers of a key in microtasks. */
  callLater(key: string): void {
    for (const watcher of this.#of([key])) queueMicrotask(watcher)
  }

  #of(keys: readonly string[]): (() => void)[] {
    return keys.flatMap((key) => [...(this.#watchers.get(key) ?? [])])
  }
}
