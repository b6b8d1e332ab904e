import { createClient } from 'redis'
import { anotherPort, type RunningRedis, startRedis } from './start-redis.test-helper.ts'

/** A cluster of three nodes, each with a third of the slots. */
export interface RunningCluster {
  readonly nodes: readonly RunningRedis[]
  /** Sends a command to one node, regardless of its slots. */
  command(node: number, ...args: string[]): Promise<unknown>
  stop(): Promise<void>
}

const slots = 16_384

/** Starts a cluster on loopback ports, and waits until every node knows all slots. */
export async function startRedisCluster(): Promise<RunningCluster> {
  const nodes: RunningRedis[] = []
  for (let count = 0; count < 3; count++) {
    const announced = ['--cluster-announce-ip', '127.0.0.1', '--cluster-port', anotherPort]
    nodes.push(await startRedis('--cluster-enabled', 'yes', ...announced))
  }
  const clients = nodes.map(({ url }) => createClient({ url }).on('error', () => undefined))
  await Promise.all(clients.map((client) => client.connect()))
  const command = async (node: number, ...args: string[]): Promise<unknown> =>
    clients[node]?.sendCommand(args)

  for (const [index] of nodes.entries()) {
    const [first, last] = [index, index + 1].map((part) => Math.floor((part * slots) / nodes.length))
    await command(index, 'CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
    await command(index, 'CLUSTER', 'ADDSLOTSRANGE', `${first}`, `${Number(last) - 1}`)
  }
  const busPort = async (node: number) => {
    const reply = (await command(node, 'CONFIG', 'GET', 'cluster-port')) as Record<string, string>
    return reply['cluster-port'] ?? ''
  }
  for (const [index, { port }] of nodes.entries()) {
    if (index > 0) await command(0, 'CLUSTER', 'MEET', '127.0.0.1', `${port}`, await busPort(index))
  }
  for (const [index] of nodes.entries()) {
    // Redis does not notify clients of this, so poll.
    while (!(await knowsAll(String(await command(index, 'CLUSTER', 'INFO'))))) {}
  }
  return {
    nodes,
    command,
    async stop() {
      for (const client of clients) client.destroy()
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }

  function knowsAll(info: string): boolean {
    return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${slots}`)
  }
}
