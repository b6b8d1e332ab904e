interface Listening {
  callbacks: Set<() => void>
  listener: () => void
}

const listening = new WeakMap<AbortSignal, Listening>()

/**
 * Calls a function when a signal is aborted, and gives what takes that back.
 *
 * However many calls share a signal, such as that of a shutdown, it has one listener: Node.js takes more than ten for
 * a leak. The last call to end leaves none behind.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = listening.get(signal) ?? listen(signal)
  // The same function may be given twice.
  const call = () => callback()
  known.callbacks.add(call)
  return () => {
    known.callbacks.delete(call)
    if (known.callbacks.size > 0 || listening.get(signal) !== known) return
    listening.delete(signal)
    signal.removeEventListener('abort', known.listener)
  }
}

function listen(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>()
  const listener = () => {
    for (const call of [...callbacks]) call()
  }
  const known = { callbacks, listener }
  listening.set(signal, known)
  signal.addEventListener('abort', listener)
  return known
}
