import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from 'shared/free-port'

/** A server for one test file. */
export interface RunningEtcd {
  readonly url: string
  /** Kills the server and starts it again with its data, on the same ports. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const isInstalled = (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
  try {
    accessSync(path.join(folder, 'etcd'), constants.X_OK)
    return true
  } catch {
    return false
  }
})

const missing = 'etcd is missing: apt-get install etcd-server'
if (!isInstalled && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)

/** The reason to skip tests that need a server, or false. With PDS_NO_SKIPPED_TESTS=1, this module throws instead. */
export const etcdIsMissing: string | false = !isInstalled && missing

/** Starts an etcd of one member on free loopback ports, and waits until it is ready. It ends with `stop` or this process. */
export async function startEtcd(): Promise<RunningEtcd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-etcd-'))
  // Another process may take a port before the server does.
  for (let tries = 0; tries < 10; tries++) {
    const [port, peerPort] = [await freePort(), await freePort()]
    const launch = () => launchEtcd(folder, port, peerPort)
    const server = await launch()
    if (server !== 'port taken') return running(`http://127.0.0.1:${port}`, folder, server, launch)
  }
  throw new Error('etcd could not listen: other processes took its ports 10 times')
}

type Launched = ChildProcess | 'port taken'

function running(
  url: string,
  folder: string,
  started: ChildProcess,
  launch: () => Promise<Launched>,
): RunningEtcd {
  let server = started
  const kill = () => server.kill('SIGKILL')
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  const end = () => {
    kill()
    removeFolder()
  }
  // Vitest ends its workers with a signal, and then `exit` is not emitted.
  const endWithSignal = (signal: NodeJS.Signals) => {
    end()
    process.kill(process.pid, signal)
  }
  process.once('exit', end).once('SIGTERM', endWithSignal)
  const endServer = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    kill()
    await ended
  }
  return {
    url,
    async restart() {
      await endServer()
      const next = await launch()
      if (next === 'port taken') throw new Error('the port of etcd was taken during the restart')
      server = next
    },
    async stop() {
      await endServer()
      removeFolder()
      process.off('exit', end).off('SIGTERM', endWithSignal)
    },
  }
}

async function launchEtcd(folder: string, port: number, peerPort: number): Promise<Launched> {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
  const settings = {
    name: 'test',
    'data-dir': folder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `test=${peer}`,
    logger: 'zap',
    'log-outputs': 'stderr',
  }
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const server = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  // It writes this line when it accepts requests of clients.
  const ready = /serving insecure client requests|serving client traffic insecurely/
  server.stderr.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.stderr.on('data', (text: string) => {
      if (ready.test(log)) return
      log += text
      if (ready.test(log)) resolve(server)
    })
    server.once('close', () => {
      if (log.includes('address already in use')) resolve('port taken')
      else reject(new Error(`etcd did not start:\n${log}`))
    })
  })
}
