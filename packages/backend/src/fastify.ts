import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { handleNodeRequest } from './adapters/handle-node-request.ts'
import type { Backend } from './create-backend.ts'

/**
 * Creates a plugin for Fastify 5 with the routes of a back end. The body parsers of your application do not apply to them.
 *
 * @param pds - From `createBackend`. Its `userOf` gets the request of Fastify as the second argument.
 * @param paths - The paths of the routes. Default: `/pds/*`. Add the path of the redirect URI if it is elsewhere.
 * @example
 * ```ts
 * import type { Backend } from '@pds/backend'
 * import { fastifyRoutes } from '@pds/backend/fastify'
 * import { type FastifyRequest, fastify } from 'fastify'
 *
 * export const createApp = (pds: Backend<FastifyRequest>) => fastify().register(fastifyRoutes(pds))
 * ```
 */
export function fastifyRoutes(
  pds: Backend<FastifyRequest>,
  paths: readonly string[] = ['/pds/*'],
): FastifyPluginAsync {
  return async (app) => {
    // The back end reads the body itself, up to its own limit.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const path of paths) {
      app.all(path, async (request, reply) => {
        // With the option trustProxy, protocol and host are those in the browser.
        const { raw, protocol, host } = request
        const response = await handleNodeRequest(pds, request, raw, reply.raw, { protocol, host })
        const earlier = reply.getHeader('vary')
        for (const [name, value] of response.headers) {
          // Fastify itself appends cookies.
          reply.header(name, name === 'vary' && earlier ? `${earlier}, ${value}` : value)
        }
        // No serializer applies to a buffer.
        const body = Buffer.from(await response.arrayBuffer())
        return reply.code(response.status).send(body.length > 0 ? body : undefined)
      })
    }
  }
}
