const type = 'pds.sign-in'

/** Hands the address of a callback to the page that opened this one, where that is of the same origin. */
export function answerOpener({ opener, location }: Window): boolean {
  try {
    // Throws where it is another site's page.
    if (!opener || opener.location.origin !== location.origin) return false
    opener.postMessage({ type, url: location.href }, location.origin)
    return true
  } catch {
    return false
  }
}

/** The address of the callback in a message from a window; undefined where the message is another one. */
export function readAnswer(event: MessageEvent, from: Window, origin: string): string | undefined {
  if (event.source !== from || event.origin !== origin) return undefined
  const { data } = event
  return data?.type === type && typeof data.url === 'string' ? data.url : undefined
}
