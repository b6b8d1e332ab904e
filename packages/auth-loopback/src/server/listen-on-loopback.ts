import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PDSError } from '@pds/core'
import { sanitizeError } from '@pds/core/internal'
import { loopbackError } from '../loopback-error.ts'
import type { LoopbackHost } from '../redirect-uri.ts'

/** The servers of a sign-in: one for each loopback address, with the same port. */
export interface LoopbackServers {
  port: number
  /** Stops listening, and closes all connections: browsers keep unused ones open. */
  close(): Promise<void>
}

/** How often to look for a free port: the port of one address can be taken on the other. */
const freePortAttempts = 20

/**
 * Listens on the first of several ports that is available, on loopback addresses only.
 *
 * Throws `PortInUse` if a port is taken and the others are not available, `InvalidParameter` if the system does not allow the
 * ports, and `UnsupportedEnvironment` if this machine lacks the address.
 */
export async function listenOnLoopback(
  host: LoopbackHost,
  ports: readonly number[],
  listener: RequestListener,
): Promise<LoopbackServers> {
  const attempts = ports.flatMap((port) => Array<number>(port === 0 ? freePortAttempts : 1).fill(port))
  const failures = new Map<number, NodeJS.ErrnoException>()
  for (const port of attempts) {
    try {
      return await listenOnPort(host, port, listener)
    } catch (error) {
      failures.set(port, error as NodeJS.ErrnoException)
    }
  }
  throw portError(host, failures)
}

async function listenOnPort(
  host: LoopbackHost,
  port: number,
  listener: RequestListener,
): Promise<LoopbackServers> {
  const servers: Server[] = []
  const close = async () => {
    await Promise.all(servers.map(closeServer))
  }
  let actualPort = port
  let missing: unknown
  for (const address of host === '[::1]' ? ['::1', '127.0.0.1'] : ['127.0.0.1', '::1']) {
    try {
      const server = await listen(address, actualPort, listener)
      servers.push(server)
      actualPort = (server.address() as AddressInfo).port
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A browser may try both addresses of localhost, so another program must have neither. Otherwise the second address
      // is only for tunnels that lead to it.
      const mayFail =
        host === 'localhost' ? code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' : servers.length > 0
      if (!mayFail) {
        await close()
        throw error
      }
      missing = error
    }
  }
  if (servers.length === 0) throw missing
  return { port: actualPort, close }
}

async function listen(host: string, port: number, listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  // Exclusive: the workers of a cluster would share the port, and the callback would reach any of them.
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
  // An error while a connection is accepted must not end the process.
  server.on('error', () => undefined)
  return server
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Creates the error for the failures of ports, by port. */
export function portError(host: LoopbackHost, failures: Map<number, NodeJS.ErrnoException>): PDSError {
  const codes = [...failures.values()].map(({ code }) => code)
  const reasons = [...failures].map(
    ([port, { code }]) => `${port ? `port ${port}` : 'a free port'} (${code})`,
  )
  const message = `cannot listen on ${host} with ${reasons.join(', ')}`
  const cause = sanitizeError([...failures.values()][0])
  if (codes.includes('EADDRINUSE')) {
    const remedy = 'end the program that uses the port, or register more redirect URIs and pass their ports'
    return loopbackError('PortInUse', `${message}: ${remedy}`, cause)
  }
  if (codes.includes('EACCES')) {
    return loopbackError('InvalidParameter', `${message}: the system does not allow this port`, cause)
  }
  return loopbackError('UnsupportedEnvironment', `${message}: this machine lacks the address`, cause)
}
