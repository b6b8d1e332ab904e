import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createClient } from 'redis'
import { startRedis } from './start-redis.test-helper.ts'

/** A primary with a replica, behind an address that leads to the current primary. */
export interface RunningPair {
  /** The address of the current primary. A failover does not change it. */
  readonly url: string
  /** Waits until the replica has all writes. It gets no later write. */
  cutReplication(): Promise<void>
  /** Kills the primary with SIGKILL and promotes the replica. */
  failOver(): Promise<void>
  /** A client of the current primary. */
  client(): ReturnType<typeof createClient>
  stop(): Promise<void>
}

/** Starts the servers on loopback ports, and waits until the replica has the data of the primary. */
export async function startRedisPair(): Promise<RunningPair> {
  const primary = await startRedis('--repl-diskless-sync-delay', '0')
  const link = await startForwarder(primary.port)
  const replica = await startRedis('--replicaof', '127.0.0.1', `${link.port}`)
  const address = await startForwarder(primary.port)
  const [ofPrimary, ofReplica] = [primary, replica].map(({ url }) =>
    // A server closes its connections when it changes its role.
    createClient({ url, socket: { reconnectStrategy: () => 0 } }).on('error', () => undefined),
  ) as [ReturnType<typeof createClient>, ReturnType<typeof createClient>]
  await Promise.all([ofPrimary.connect(), ofReplica.connect()])
  // Redis does not notify clients of its role, so poll.
  while (!(await ofReplica.info('replication')).includes('master_link_status:up')) {}
  let current = ofPrimary

  return {
    url: `redis://127.0.0.1:${address.port}`,
    async cutReplication() {
      // WAIT counts only the writes of the connection that sends it.
      await ofPrimary.set('written before the cut', '1')
      await ofPrimary.wait(1, 0)
      link.cut()
    },
    async failOver() {
      ofPrimary.destroy()
      await primary.stop()
      await ofReplica.sendCommand(['REPLICAOF', 'NO', 'ONE'])
      current = ofReplica
      address.leadTo(replica.port)
    },
    client: () => current,
    async stop() {
      for (const client of [ofPrimary, ofReplica]) if (client.isOpen) client.destroy()
      await Promise.all([primary.stop(), replica.stop(), link.stop(), address.stop()])
    },
  }
}

/** A port that forwards its connections to another port. */
interface Forwarder {
  readonly port: number
  /** Drops everything that the other port sends from now on. */
  cut(): void
  /** Forwards new connections to another port. */
  leadTo(port: number): void
  stop(): Promise<void>
}

async function startForwarder(firstTarget: number): Promise<Forwarder> {
  let target = firstTarget
  let isCut = false
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1')
    const end = () => {
      socket.destroy()
      upstream.destroy()
    }
    for (const side of [socket, upstream]) {
      sockets.add(side)
      side
        .on('error', end)
        .on('close', end)
        .on('close', () => sockets.delete(side))
    }
    socket.on('data', (bytes) => upstream.write(bytes))
    upstream.on('data', (bytes) => isCut || socket.write(bytes))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
    },
    leadTo(port) {
      target = port
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
