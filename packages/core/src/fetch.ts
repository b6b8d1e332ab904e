/** What a request is sent with: the arguments of fetch. */
export interface PDSFetchInit {
  method: 'POST'
  headers: Record<string, string>
  body: string
  /** Aborted when the attempt is over before its answer is read. */
  signal: AbortSignal
  /** A request with secrets is answered, never moved: following a redirect would hand them on. */
  redirect: 'manual'
  credentials?: 'include' | 'omit' | 'same-origin'
  keepalive?: boolean
}

/** What is read of the `Response` of fetch. */
export interface PDSFetchResponse {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  readonly headers: { get(name: string): string | null } & Iterable<[string, string]>
  /** Where it is a stream of the standard, no more than the allowed length is read of it. */
  readonly body?: unknown
  text(): Promise<string>
}

/** Sends a request: the global `fetch`, that of undici, or another one of this shape. */
export type PDSFetch = (url: string, init: PDSFetchInit) => Promise<PDSFetchResponse>
