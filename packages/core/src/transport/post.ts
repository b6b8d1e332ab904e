import type { PDSCallAuthorization } from './authorization.ts'

/** The parameters of a request, by their names on the wire. Those that are undefined are left out. */
export type PDSParams = Readonly<Record<string, unknown>>

/** One POST request of a method, and how its answer is read. */
export interface PDSPostRequest<T> {
  /** Which endpoint a path stands after. */
  endpoint: 'api' | 'auth'
  /** The path after the version, such as `/oauth/token`, or a full address that is used as it is. */
  path: string
  /** How the parameters are written into the body. */
  format: 'form' | 'json'
  /**
   * The parameters, or a function that makes them anew for each attempt. A function says that the request holds
   * nothing that can be spent only once: it is sent again even where the outcome of an attempt is unknown.
   */
  params: PDSParams | (() => Promise<PDSParams>)
  /** What `authorizeCall` makes. Default: the request goes without a credential in its headers. */
  authorization?: PDSCallAuthorization | undefined
  /**
   * Checks the parsed JSON of a successful answer, undefined where it has no body. `sentAt` is when the request was
   * sent, by the server's clock, in milliseconds since the epoch. Throws `InvalidResponseError` where it is not what the
   * service documents.
   */
  read(data: unknown, sentAt: number): T
  /** Whether a successful answer says all by its status: its body may be anything. Default: false, it is JSON. */
  ignoreBody?: boolean | undefined
}
