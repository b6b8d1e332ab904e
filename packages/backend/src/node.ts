import { handleNodeRequest, type NodeRequest, type NodeResponse } from './adapters/handle-node-request.ts'
import { sendResponse } from './adapters/send-response.ts'
import type { Backend } from './create-backend.ts'

export type { NodeRequest, NodeResponse } from './adapters/handle-node-request.ts'

/**
 * Creates a request listener for `createServer` of `node:http`, `node:https` and `node:http2`. It responds with 404 to
 * requests of other paths.
 *
 * @param pds - From `createBackend`. Its `userOf` gets the `IncomingMessage` as the second argument.
 * @returns The listener. If the options of the back end are invalid, it responds with 500, and the error becomes a warning of
 * the process.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { Backend } from '@pds/backend'
 * import { nodeHandler } from '@pds/backend/node'
 *
 * export const serve = (pds: Backend) => createServer(nodeHandler(pds)).listen(3000)
 * ```
 */
export function nodeHandler(
  pds: Backend<NodeRequest>,
): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    // Connect shortens the URL for a mounted handler.
    const { originalUrl: path }: { originalUrl?: string } = request as object
    const respond = async () =>
      sendResponse(response, await handleNodeRequest(pds, request, request, response, { path }))
    respond().catch((error) => {
      process.emitWarning(error instanceof Error ? error : String(error))
      if (!response.headersSent) response.statusCode = 500
      response.end()
    })
  }
}
