import type { LoggedRequest, RequestLog } from '../log/request-log.ts'

/** How many requests a live page shows, and how many may wait for one that reads too slowly. */
export const maxShown = 200

/**
 * The log as Server-Sent Events: first `domain`, with the log's id, then `request` with each entry as JSON that came
 * after the one of a request, and with each new one.
 *
 * It ends when the signal is aborted or its reader is gone, and for a reader who is far behind: such a one comes back
 * with the header `Last-Event-ID` (WHATWG HTML section 9.2).
 */
export function streamRequests(
  log: RequestLog,
  after: string | undefined,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stop = () => {}
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (lines: string) => controller.enqueue(encoder.encode(`${lines}\n\n`))
      const sendEntry = (entry: LoggedRequest) => {
        send(`event: request\nid: ${entry.requestId}\ndata: ${JSON.stringify(entry)}`)
        if ((controller.desiredSize ?? 0) < -2 * maxShown) end()
      }
      const end = () => {
        stop()
        controller.close()
      }
      const stopListening = log.listen(sendEntry)
      stop = () => {
        stopListening()
        signal.removeEventListener('abort', end)
      }
      signal.addEventListener('abort', end)
      // A page tries again after a second: the emulator may have been started anew.
      send(`event: domain\nretry: 1000\ndata: ${log.id}`)
      for (const entry of log.after(after, maxShown)) sendEntry(entry)
      if (signal.aborted) end()
    },
    cancel: () => stop(),
  })
}
