/** What a request is sent with: the arguments of fetch. */
export interface PDSFetchInit {
  /** Every call is a POST. */
  method: 'POST'
  /** By lower-case name, with the credentials of the call. */
  headers: Record<string, string>
  /** JSON, or what a form sends. */
  body: string
  /** Aborted when the attempt is over before its answer is read; its reason has the name `AbortError`. */
  signal: AbortSignal
  /** A request with secrets is answered, never moved: following a redirect would hand them on. */
  redirect: 'manual'
  /** Whether cookies are sent, in browsers. Absent where the call does not say. */
  credentials?: 'include' | 'omit' | 'same-origin'
  /** Whether the request outlives its page. Absent where the call does not say. */
  keepalive?: boolean
}

/** What is read of the `Response` of fetch. */
export interface PDSFetchResponse {
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean
  /** The HTTP status. */
  readonly status: number
  /** What the server calls the status, empty in HTTP/2. */
  readonly statusText: string
  /** Names are lower case when they are listed. */
  readonly headers: {
    /** The value of a header, whatever the case of its name; null where it is absent. */
    get(name: string): string | null
  } & Iterable<[string, string]>
  /** The stream of the body. Where it is one of the standard, no more than the allowed length is read of it. */
  readonly body?: unknown
  /** Reads the body as text, where there is no stream. */
  text(): Promise<string>
}

/** Sends a request: the global `fetch`, that of undici, or another one of this shape. */
export type PDSFetch = (url: string, init: PDSFetchInit) => Promise<PDSFetchResponse>
