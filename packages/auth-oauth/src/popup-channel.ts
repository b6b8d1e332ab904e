// How long the popup waits for the acknowledgement, in milliseconds.
const maxWait = 2000

/**
 * Opens the channel between a page and its popup. Only pages of the same origin can open it, and its name is as hard to
 * guess as the state. It needs no opener, which the popup does not have, and which a Cross-Origin-Opener-Policy removes.
 */
function openChannel(state: string): BroadcastChannel {
  return new BroadcastChannel(`pds.sign-in.${state}`)
}

/** Sends the callback URL to the page that opened this popup. Resolves with whether a page acknowledged it. */
export function sendCallback(state: string, url: string): Promise<boolean> {
  const channel = openChannel(state)
  channel.postMessage(url)
  return new Promise<boolean>((resolve) => {
    // A URL is the message of another popup.
    channel.onmessage = ({ data }) => {
      if (data === null) resolve(true)
    }
    setTimeout(resolve, maxWait, false)
  }).finally(() => channel.close())
}

/** Calls a function with the callback URL that the popup sends. Returns a function that stops this. */
export function receiveCallback(state: string, onCallback: (url: string) => void): () => void {
  const channel = openChannel(state)
  channel.onmessage = ({ data }) => {
    if (!URL.canParse(data)) return
    channel.postMessage(null)
    onCallback(data)
  }
  return () => channel.close()
}
