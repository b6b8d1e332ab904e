import { checkOptions } from '@pds/core/internal'
import type { Backend } from './create-backend.ts'

/** The options of `nextHandlers`. */
export interface NextHandlersOptions {
  /**
   * The `basePath` of `next.config`, for example `/shop`, which Next.js removes from the path of each request. The `basePath`
   * of `createBackend` is then `/shop/pds`. Default: none.
   */
  basePath?: string | undefined
}

/** The route handlers of a file `app/pds/[...route]/route.ts`. */
export type NextHandlers = Readonly<
  Record<'GET' | 'POST' | 'OPTIONS', (request: Request) => Promise<Response>>
>

/**
 * Creates the route handlers of Next.js (App Router). Put them into `app/pds/[...route]/route.ts`.
 *
 * @param pds - From `createBackend`. Pass it a function: `next build` loads the file without your settings. Its `userOf`
 * gets a `NextRequest`.
 * @throws PDSError with code `InvalidParameter` if an option is unknown or invalid.
 * @example
 * ```ts
 * import type { Backend } from '@pds/backend'
 * import { nextHandlers } from '@pds/backend/next'
 *
 * declare const pds: Backend
 * export const { GET, POST, OPTIONS } = nextHandlers(pds)
 * ```
 */
export function nextHandlers(pds: Backend, options: NextHandlersOptions = {}): NextHandlers {
  // Not the validator of createBackend: a shared module would also contain the adapters of Node.js.
  const { basePath } = checkOptions('nextHandlers', options, {
    basePath: {
      wants: "a path that starts with / and does not end with it, for example '/shop'",
      accepts: (value) => typeof value === 'string' && /^(\/[^/?#]+)+$/.test(value),
    },
  })
  const handle = (request: Request) =>
    pds.handle(basePath === undefined ? request : addBasePath(request, basePath))
  return { GET: handle, POST: handle, OPTIONS: handle }
}

function addBasePath(request: Request, basePath: string): Request {
  const url = new URL(request.url)
  url.pathname = `${basePath}${url.pathname}`
  return new Request(url, request)
}
