import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, RESP_TYPES } from 'redis'

/** A response that a test sends instead of the server's. */
interface ScriptedResponse {
  status: number
  body: string
}

/** A server that speaks the REST protocol of Upstash before a redis-server. */
export interface RunningRestProxy {
  readonly url: string
  readonly token: string
  /** The path of each request. */
  readonly paths: string[]
  /** Returns the response to a request, or undefined to pass the request on. */
  respond: (path: string, body: string) => ScriptedResponse | undefined
  stop(): Promise<void>
}

type Result = { result: unknown } | { error: string }

/**
 * Starts a proxy on a free loopback port. It accepts one command (`POST /`) or several (`POST /pipeline`) as JSON, and
 * encodes texts in base64 if the header `Upstash-Encoding` asks for it. A failed command has the status 400.
 */
export async function startRestProxy(redisUrl: string): Promise<RunningRestProxy> {
  const redis = createClient({
    url: redisUrl,
    RESP: 2,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  })
  await redis.on('error', () => undefined).connect()
  const token = crypto.randomUUID()

  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const body = await textOf(request)
    proxy.paths.push(path)
    const encoding = request.headers['upstash-encoding'] === 'base64' ? 'base64' : 'utf8'
    const isAuthorized = request.headers.authorization === `Bearer ${token}`
    const { status, body: text } = isAuthorized
      ? (proxy.respond(path, body) ?? (await execute(path, body, encoding)))
      : { status: 401, body: JSON.stringify({ error: 'WRONGPASS invalid or missing auth token' }) }
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const proxy: RunningRestProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    paths: [],
    respond: () => undefined,
    async stop() {
      redis.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy

  async function execute(path: string, body: string, encoding: BufferEncoding): Promise<ScriptedResponse> {
    const isPipeline = path === '/pipeline'
    if (path !== '/' && !isPipeline)
      return { status: 404, body: JSON.stringify({ error: 'ERR no such path' }) }
    const commands: unknown[][] = isPipeline ? JSON.parse(body) : [JSON.parse(body)]
    const results = await Promise.all(commands.map((command) => run(command, encoding)))
    const [first = { error: 'ERR empty pipeline' }] = results
    const status = !isPipeline && 'error' in first ? 400 : 200
    return { status, body: JSON.stringify(isPipeline ? results : first) }
  }

  async function run(command: unknown[], encoding: BufferEncoding): Promise<Result> {
    try {
      return { result: encode(await redis.sendCommand(command.map(String)), encoding) }
    } catch (error) {
      return { error: (error as Error).message }
    }
  }
}

/** Encodes a reply. Statuses such as OK are texts and stay as they are, and other texts are bytes. */
function encode(reply: unknown, encoding: BufferEncoding): unknown {
  if (Array.isArray(reply)) return reply.map((each) => encode(each, encoding))
  return Buffer.isBuffer(reply) ? reply.toString(encoding) : reply
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
