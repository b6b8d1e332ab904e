import type { Request, RequestHandler } from 'express'
import { handleNodeRequest } from './adapters/handle-node-request.ts'
import { sendResponse } from './adapters/send-response.ts'
import type { Backend } from './create-backend.ts'

/**
 * Creates a handler for Express 5. Mount it at `basePath`. It may follow `express.json()`.
 *
 * @param pds - From `createBackend`. Its `userOf` gets the request of Express as the second argument.
 * @example
 * ```ts
 * import type { Backend } from '@pds/backend'
 * import { expressHandler } from '@pds/backend/express'
 * import express, { type Request } from 'express'
 *
 * export const createApp = (pds: Backend<Request>) => express().use('/pds', expressHandler(pds))
 * ```
 */
export function expressHandler(pds: Backend<Request>): RequestHandler {
  // Express passes a rejection to its error handlers.
  return async (request, response) => {
    // A mounted router shortens the URL. With `trust proxy`, protocol and host are those in the browser.
    const { originalUrl: path, protocol, host } = request
    const location = { path, protocol, host }
    await sendResponse(response, await handleNodeRequest(pds, request, request, response, location))
  }
}
