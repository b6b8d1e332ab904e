import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server with an application. */
export interface RunningApp {
  readonly url: string
  close(): Promise<unknown>
}

/** Starts a server on a free port of this machine. */
export async function listen(server: Server): Promise<RunningApp> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close }
}
