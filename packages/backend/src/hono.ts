import type { Context, Handler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { Backend } from './create-backend.ts'

/**
 * Creates a handler for Hono.
 *
 * @param pds - From `createBackend`. Its `userOf` gets the context of Hono as the second argument.
 * @example
 * ```ts
 * import type { Backend } from '@pds/backend'
 * import { honoHandler } from '@pds/backend/hono'
 * import { type Context, Hono } from 'hono'
 *
 * export const createApp = (pds: Backend<Context>) => new Hono().all('/pds/*', honoHandler(pds))
 * ```
 */
export function honoHandler(pds: Backend<Context>): Handler {
  return async (context) => {
    const response = await pds.handle(await toUnreadRequest(context), context)
    // Hono drops the cookies of a response if a middleware has set one before.
    for (const [name, value] of response.headers) {
      context.header(name, value, { append: name === 'set-cookie' || name === 'vary' })
    }
    // Not the stream: a text gets a length.
    const body = response.body && (await response.text())
    return context.newResponse(body, response.status as StatusCode)
  }
}

/** Returns the request with its body, also if a middleware has read it. */
async function toUnreadRequest({ req }: Context): Promise<Request> {
  const { raw } = req
  if (!raw.bodyUsed) return raw
  const { url, method, headers, signal } = raw
  // Hono keeps the body that its functions have read.
  return new Request(url, { method, headers, signal, body: await req.text() })
}
