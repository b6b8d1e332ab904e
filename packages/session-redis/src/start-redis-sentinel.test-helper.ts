import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createClient } from 'redis'
import { type RunningRedis, startRedis, startServer } from './start-redis.test-helper.ts'

/** A primary with a replica, and a sentinel that watches them. */
export interface RunningSentinel {
  /** The name of the primary. */
  readonly name: string
  /** The port of the sentinel on 127.0.0.1. */
  readonly port: number
  /** The server that is the primary at first. */
  readonly primary: RunningRedis
  /** The server that is the replica at first. */
  readonly replica: RunningRedis
  /** Lets the sentinel promote the replica. Fulfils after the new primary accepts writes. */
  promote(): Promise<void>
  stop(): Promise<void>
}

const name = 'main'

/** Starts the servers on loopback ports, and waits until the replica has the data of the primary. */
export async function startRedisSentinel(): Promise<RunningSentinel> {
  const primary = await startRedis('--repl-diskless-sync-delay', '0')
  const replica = await startRedis('--replicaof', '127.0.0.1', `${primary.port}`)
  // A server closes its connections when it changes its role.
  const replicaClient = createClient({ url: replica.url }).on('error', () => undefined)
  await replicaClient.connect()
  const replicaHas = async (text: string) =>
    replicaClient.info('replication').then(
      (info) => info.includes(text),
      () => false,
    )
  // Redis does not notify clients of its role, so poll.
  while (!(await replicaHas('master_link_status:up'))) {}

  const sentinel = await startServer('Sentinel ID is', async (port, folder) => {
    const file = path.join(folder, 'sentinel.conf')
    const settings = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${name} 500`,
    ]
    writeFileSync(file, `${settings.join('\n')}\n`)
    return [file, '--sentinel']
  })
  const sentinelClient = await createClient({ url: sentinel.url, RESP: 2 }).connect()
  const isKnown = async () => {
    const replicas = await sentinelClient.sendCommand(['SENTINEL', 'REPLICAS', name])
    return Array.isArray(replicas) && replicas.length > 0
  }
  while (!(await isKnown())) {}

  return {
    name,
    port: sentinel.port,
    primary,
    replica,
    async promote() {
      await sentinelClient.sendCommand(['SENTINEL', 'FAILOVER', name])
      while (!(await replicaHas('role:master'))) {}
    },
    async stop() {
      sentinelClient.destroy()
      replicaClient.destroy()
      await Promise.all([sentinel.stop(), primary.stop(), replica.stop()])
    },
  }
}
