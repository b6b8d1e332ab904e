import type { Fault } from './fault.ts'

const spoiled = new WeakSet<Response>()

/** Whether a body breaks off, drips or has a wrong length, so that it must be sent as it is. */
export function isCorrupted(response: Response): boolean {
  return spoiled.has(response)
}

/** Spoils the body of an answer where its fault says so. The signal is the request's: it ends what drips. */
export async function corruptResponse(
  fault: Fault,
  response: Response,
  signal: AbortSignal,
): Promise<Response> {
  if (fault.type !== 'truncate' && fault.type !== 'wrong-length' && fault.type !== 'drip') return response
  const bytes = new Uint8Array(await response.arrayBuffer())
  const length = bytes.length + (fault.type === 'wrong-length' ? fault.by : 0)
  const headers = new Headers(response.headers)
  headers.set('content-length', String(Math.max(0, length)))
  // What follows on this connection could not be told from the body.
  headers.set('connection', 'close')
  const bodies = {
    'wrong-length': () => bytes,
    truncate: () => truncated(bytes),
    drip: () => dripping(bytes, fault.type === 'drip' ? fault.milliseconds : 0, signal),
  }
  const result = new Response(bodies[fault.type](), { status: response.status, headers })
  spoiled.add(result)
  return result
}

/** The first half of a body, and then an error. */
function truncated(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new TypeError('terminated'))
      sent = true
      controller.enqueue(bytes.slice(0, Math.ceil(bytes.length / 2)))
    },
  })
}

/** A body in single bytes, with a pause in milliseconds before each. */
function dripping(bytes: Uint8Array, milliseconds: number, signal: AbortSignal): ReadableStream<Uint8Array> {
  const cancelled = new AbortController()
  const gone = AbortSignal.any([signal, cancelled.signal])
  let sent = 0
  return new ReadableStream({
    async pull(controller) {
      await pause(milliseconds, gone)
      if (cancelled.signal.aborted) return
      if (signal.aborted) return controller.error(new TypeError('terminated'))
      if (sent === bytes.length) return controller.close()
      controller.enqueue(bytes.slice(sent, ++sent))
    },
    cancel: () => cancelled.abort(),
  })
}

/** Waits, and no longer than the client does. In milliseconds. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
