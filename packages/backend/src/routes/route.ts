import type { Settings } from '../settings.ts'

/** A request to a route. */
export interface RouteContext {
  readonly request: Request
  /** The request of the framework. */
  readonly native: never
  readonly settings: Settings
  /** The headers of the response, also if the route throws. */
  readonly headers: Headers
}

/** A route of a back end. It throws an error to respond with a problem. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly run: (context: RouteContext) => Promise<Response>
}
