import type { NodeResponse } from './handle-node-request.ts'

/** Sends a response. Keeps the cookies and the `Vary` headers that other handlers have set. */
export async function sendResponse(to: NodeResponse, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  for (const [name, value] of response.headers) {
    if (name === 'set-cookie' || name === 'vary') to.appendHeader(name, value)
    else to.setHeader(name, value)
  }
  to.statusCode = response.status
  to.end(body)
}
