import type { ClientCredentials } from '../token/client-auth.ts'
import type { PDSCallAuthorization } from './authorization.ts'

/** The parameters of a request. Undefined parameters are omitted. */
export type PDSParams = Readonly<Record<string, unknown>>

/** A POST request, and how its response is read. */
export interface PDSPostRequest<T> {
  /** The function that the user called, for the messages of errors. Default: `post`. */
  method?: string | undefined
  /** The endpoint that `path` is relative to. */
  endpoint: 'api' | 'auth'
  /** The path after the version, for example `/oauth/token`, or an absolute URL. */
  path: string
  /** The format of the body. */
  format: 'form' | 'json'
  /**
   * The parameters, or a function that creates them for each attempt. A function marks the request as replayable: it
   * contains no one-time credential, and is retried even after an attempt with the outcome `unknown`.
   */
  params: PDSParams | (() => Promise<PDSParams>)
  /** The credentials of the request, created by `authorizeCall`. Default: none. */
  authorization?: PDSCallAuthorization | undefined
  /**
   * The application whose id and secret are sent in the `authorization` header (`client_secret_basic`, RFC 6749 section
   * 2.3.1). Default: none.
   */
  client?: ClientCredentials | undefined
  /**
   * Returns the checked data of a successful response: its parsed JSON, with the format `form` also a parsed form, or
   * undefined for an empty body. `sentAt` is the
   * time of the request, in milliseconds since the epoch, and `isServerTime` says whether that is by the server's clock.
   * Throws `InvalidResponseError` for an invalid response.
   */
  read(data: unknown, sentAt: number, isServerTime: boolean): T
  /** Whether to ignore the body of a successful response, which then need not be JSON. Default: false. */
  ignoreBody?: boolean | undefined
}
