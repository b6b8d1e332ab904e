import { parseArgs } from 'node:util'
import { serveSite } from './serve-site.ts'

/* Serves the built site until it is stopped: npm run docs -- --port 8080 */

const defaultPort = 4173

try {
  const { values } = parseArgs({ options: { port: { type: 'string', default: String(defaultPort) } } })
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port must be a port number (received ${values.port})`)
  const { origin } = await serveSite(port)
  process.stdout.write(`The documents are at ${origin} (stop with Ctrl+C)\n`)
} catch (error) {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
  const reason =
    code === 'EADDRINUSE' ? `port ${port} is in use by another program: select another with --port` : message
  process.stderr.write(`${reason}\nUsage: npm run docs [-- --port <number>]\n`)
  process.exitCode = 1
}
