import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { createRequest } from '@remix-run/node-fetch-server'
import type { Backend } from '../create-backend.ts'

/** A request of `node:http` or `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** A response of `node:http` or `node:http2`. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** What the framework knows about a request. */
export interface RequestLocation {
  /** The path and query, if they differ from the `url` of the request. */
  readonly path?: string | undefined
  /** `http` or `https`. */
  readonly protocol?: string | undefined
  readonly host?: string | undefined
}

/** Passes a request of Node.js to a back end, and returns its response. Rejects only with what `handle` throws. */
export async function handleNodeRequest<Native>(
  pds: Backend<Native>,
  native: Native,
  raw: NodeRequest,
  response: NodeResponse,
  location: RequestLocation = {},
): Promise<Response> {
  let request: Request
  try {
    request = toFetchRequest(raw, response, location)
  } catch {
    // The host is invalid, or fetch does not allow the method, for example TRACE.
    return new Response(null, { status: 400 })
  }
  try {
    return await pds.handle(request, native)
  } finally {
    discardBody(request, raw)
  }
}

/** Reads the rest of a body that no route has read: it blocks the next request of the connection. */
function discardBody({ body }: Request, raw: NodeRequest): void {
  body?.cancel().catch(() => undefined)
  raw.resume()
}

function toFetchRequest(raw: NodeRequest, response: NodeResponse, location: RequestLocation): Request {
  const { path = raw.url, protocol, host } = location
  // Neither does the stream of a body that was read end, nor does the signal last.
  const isRead = raw.readableEnded
  const source: NodeRequest = isRead ? Object.create(raw, { method: { value: 'GET' } }) : raw
  const request = createRequest(source, response, {
    ...(protocol && { protocol: `${protocol}:` }),
    ...(host && { host }),
  })
  if (path === raw.url && !isRead) return request
  const { headers, signal } = request
  // The path is not relative to the URL: it may start with //, which would be another host.
  return new Request(`${new URL(request.url).origin}${path}`, {
    method: raw.method ?? 'GET',
    headers,
    signal,
    body: isRead ? toBody((raw as { body?: unknown }).body, headers) : request.body,
    // Required for a stream.
    ...{ duplex: 'half' },
  })
}

/** Returns the body that a parser has read. Some parsers set an empty object for a request without a body. */
function toBody(parsed: unknown, headers: Headers): BodyInit | null {
  if (parsed === undefined || !headers.has('content-type')) return null
  if (typeof parsed === 'string' || parsed instanceof Uint8Array) return parsed as BodyInit
  return JSON.stringify(parsed)
}
