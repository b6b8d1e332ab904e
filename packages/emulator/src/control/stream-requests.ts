import type { LoggedRequest, RequestLog } from '../log/request-log.ts'

/** The number of requests that a live page shows. A stream ends if twice as many events wait for its reader. */
export const maxShown = 200

/**
 * Streams the log as Server-Sent Events: first an event `domain` with the id of the log, then an event `request` for
 * each entry after the request `after` and for each new entry, as JSON.
 *
 * The stream ends when the signal is aborted, when the reader cancels it, or when the reader is too slow. A slow reader
 * reconnects with the header `Last-Event-ID` (WHATWG HTML section 9.2).
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
      // Pages reconnect after one second, because the emulator may restart.
      send(`event: domain\nretry: 1000\ndata: ${log.id}`)
      for (const entry of log.after(after, maxShown)) sendEntry(entry)
      if (signal.aborted) end()
    },
    cancel: () => stop(),
  })
}
