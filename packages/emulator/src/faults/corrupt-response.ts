import type { Fault } from './fault.ts'

const corrupted = new WeakSet<Response>()

/** Checks whether the body is cut off, drips or has a wrong length. A server must send it without any changes. */
export function isCorrupted(response: Response): boolean {
  return corrupted.has(response)
}

/** Corrupts the body of a response if the fault requires it. The request's `signal` ends a dripping body. */
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
  // A client could not separate the next response on this connection from the body.
  headers.set('connection', 'close')
  const bodies = {
    'wrong-length': () => bytes,
    truncate: () => truncated(bytes),
    drip: () => dripping(bytes, fault.type === 'drip' ? fault.milliseconds : 0, signal),
  }
  const result = new Response(bodies[fault.type](), { status: response.status, headers })
  corrupted.add(result)
  return result
}

/** Streams the first half of a body, then fails. */
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

/** Streams a body in single bytes, with a pause in milliseconds before each. */
function dripping(bytes: Uint8Array, milliseconds: number, signal: AbortSignal): ReadableStream<Uint8Array> {
  const cancelled = new AbortController()
  const stopped = AbortSignal.any([signal, cancelled.signal])
  let sent = 0
  return new ReadableStream({
    async pull(controller) {
      await pause(milliseconds, stopped)
      if (cancelled.signal.aborted) return
      if (signal.aborted) return controller.error(new TypeError('terminated'))
      if (sent === bytes.length) return controller.close()
      controller.enqueue(bytes.slice(sent, ++sent))
    },
    cancel: () => cancelled.abort(),
  })
}

/** Waits for a number of milliseconds, or until the signal is aborted. */
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
