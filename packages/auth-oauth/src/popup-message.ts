const type = 'pds.sign-in'

// How long to wait for the opener to acknowledge the message, in milliseconds.
const maxWait = 2000

/**
 * Sends the callback URL to the page that opened this window. Resolves with whether a `signInWithPopup` call of that
 * page acknowledged it. Returns undefined if this window has no opener of the same origin.
 */
export function sendToOpener({ opener, location }: Window): Promise<boolean> | undefined {
  try {
    // Reading the location throws if the opener has another origin.
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

/** Returns the callback URL in a message of the popup and acknowledges it. Returns undefined for other messages. */
export function readCallbackMessage(event: MessageEvent, from: Window, origin: string): string | undefined {
  if (event.source !== from || event.origin !== origin) return undefined
  const { data } = event
  if (data?.type !== type || !URL.canParse(data.url)) return undefined
  event.ports[0]?.postMessage(null)
  return data.url
}
