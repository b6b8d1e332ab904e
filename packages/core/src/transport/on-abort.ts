interface Subscription {
  callbacks: Set<() => void>
  listener: () => void
}

const subscriptions = new WeakMap<AbortSignal, Subscription>()

/**
 * Calls a function when a signal is aborted, or now if it is aborted already. Returns a function that cancels this.
 *
 * A signal has one listener for any number of calls, because Node.js warns about a leak from the eleventh listener on.
 * The listener is removed with the last callback.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => undefined
  }
  const subscription = subscriptions.get(signal) ?? subscribe(signal)
  // A wrapper, because the same function may be added twice.
  const call = () => callback()
  subscription.callbacks.add(call)
  return () => {
    subscription.callbacks.delete(call)
    if (subscription.callbacks.size > 0 || subscriptions.get(signal) !== subscription) return
    subscriptions.delete(signal)
    signal.removeEventListener('abort', subscription.listener)
  }
}

function subscribe(signal: AbortSignal): Subscription {
  const callbacks = new Set<() => void>()
  const listener = () => {
    for (const call of [...callbacks]) call()
  }
  const subscription = { callbacks, listener }
  subscriptions.set(signal, subscription)
  signal.addEventListener('abort', listener)
  return subscription
}
