const type = 'pds.sign-in'

// How long a page that waits for an answer takes to say so, at the most. In milliseconds.
const maxWait = 2000

/**
 * Hands the address of a callback to the page that opened this one, where that is of the same origin: it may be one that
 * waits in `signInWithPopup`. Gives whether it is, and undefined where there is no such page.
 */
export function sendToOpener({ opener, location }: Window): Promise<boolean> | undefined {
  try {
    // Throws where it is another site's page.
    if (!opener || opener.location.origin !== location.origin) return undefined
    const { port1: port, port2 } = new MessageChannel()
    opener.postMessage({ type, url: location.href }, location.origin, [port2])
    return new Promise<boolean>((resolve) => {
      port.onmessage = () => resolve(true)
      setTimeout(() => resolve(false), maxWait)
    }).finally(() => port.close())
  } catch {
    return undefined
  }
}

/** The address of the callback in a message from a window, which is told that it came; undefined for another message. */
export function readCallbackMessage(event: MessageEvent, from: Window, origin: string): string | undefined {
  if (event.source !== from || event.origin !== origin) return undefined
  const { data } = event
  if (data?.type !== type || typeof data.url !== 'string') return undefined
  event.ports[0]?.postMessage(null)
  return data.url
}
