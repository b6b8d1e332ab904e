/** The second argument of a `PDSFetch`. */
export interface PDSFetchInit {
  /** The HTTP method: `POST`. */
  method: 'POST'
  /** The headers by lower-case name, including the credentials. */
  headers: Record<string, string>
  /** The body: JSON or an encoded form. */
  body: string
  /** Aborted when the attempt ends before the response is read. The reason's name is `AbortError`. */
  signal: AbortSignal
  /** Redirects are never followed: they would send the secrets of the request to another URL. */
  redirect: 'manual'
  /**
   * No cache may answer the request or store its response, which contains tokens. Absent if the `Request` of the runtime
   * rejects it.
   */
  cache?: 'no-store'
  /** Whether browsers send cookies. Absent if the option of the call is not set. */
  credentials?: 'include' | 'omit' | 'same-origin'
  /** Whether the request outlives its page. Absent if the option of the call is not set. */
  keepalive?: boolean
}

/** The part of a `Response` that the transport reads. */
export interface PDSFetchResponse {
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean
  /** The HTTP status. */
  readonly status: number
  /** The status text, which is empty in HTTP/2. */
  readonly statusText: string
  /** The headers. Iteration yields lower-case names. */
  readonly headers: {
    /** Returns the value of a header, or null if it is absent. Names are case-insensitive. */
    get(name: string): string | null
  } & Iterable<[string, string]>
  /** The body. If it is a standard `ReadableStream`, at most `maxContentLength` bytes are read from it. */
  readonly body?: unknown
  /** Returns the body as text. Called if `body` is not a standard stream. */
  text(): Promise<string>
}

/** Sends a request: the global `fetch`, the `fetch` of undici, or any function of this shape. */
export type PDSFetch = (url: string, init: PDSFetchInit) => Promise<PDSFetchResponse>
