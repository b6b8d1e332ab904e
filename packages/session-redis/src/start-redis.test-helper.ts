import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A server of its own for one test file. */
export interface RunningRedis {
  /** On 127.0.0.1; a restart keeps it. */
  readonly port: number
  readonly url: string
  /** Ends the server, as a crash would, and starts an empty one in its place. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const isHere = (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
  try {
    accessSync(path.join(folder, 'redis-server'), constants.X_OK)
    return true
  } catch {
    return false
  }
})

const missing = 'redis-server is missing: apt-get install redis-server'
if (!isHere && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)

/** Why tests that need a server are skipped, or false. Where no test may be skipped, this module fails instead. */
export const redisIsMissing: string | false = !isHere && missing

/** Stands for another free port among the arguments of `startRedis`. */
export const anotherPort = 'another port'

/**
 * Starts a redis-server on a free loopback port, which keeps nothing on disk, and waits until it is ready.
 *
 * Takes more arguments of the command line. The server ends with `stop`, or with this process.
 */
export async function startRedis(...args: readonly string[]): Promise<RunningRedis> {
  if (!isHere) throw new Error(missing)
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-redis-'))

  // Someone else may have taken a port since it was free.
  for (let tries = 0; tries < 10; tries++) {
    const port = await freePort()
    const settled = await Promise.all(
      args.map((arg) => (arg === anotherPort ? freePort().then(String) : arg)),
    )
    const launch = () => launchRedis(port, folder, settled)
    const server = await launch()
    if (server !== 'port taken') return running(port, folder, server, launch)
  }
  throw new Error('redis-server found each of its ports taken')
}

type Launched = ChildProcess | 'port taken'

/** What keeps track of a server that was started. */
function running(
  port: number,
  folder: string,
  started: ChildProcess,
  launch: () => Promise<Launched>,
): RunningRedis {
  let server = started
  const kill = () => server.kill('SIGKILL')
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  const end = () => {
    kill()
    removeFolder()
  }
  // A worker of a test runner is ended by a signal, which no `exit` comes with.
  const endWithSignal = (signal: NodeJS.Signals) => {
    end()
    process.kill(process.pid, signal)
  }
  process.once('exit', end).once('SIGTERM', endWithSignal)
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await endOf(server, kill)
      const next = await launch()
      if (next === 'port taken') throw new Error(`the port ${port} was taken during the restart`)
      server = next
    },
    async stop() {
      await endOf(server, kill)
      removeFolder()
      process.off('exit', end).off('SIGTERM', endWithSignal)
    },
  }
}

/** A loopback port that nobody has right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function launchRedis(port: number, folder: string, args: readonly string[]): Promise<Launched> {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
  const server = spawn('redis-server', [...settings, '--save', '', '--appendonly', 'no', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let log = ''
  server.stdout.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.stdout.on('data', (text: string) => {
      if (log.includes('Ready to accept connections')) return
      log += text
      if (log.includes('Ready to accept connections')) resolve(server)
    })
    server.once('close', () => {
      if (log.includes('Address already in use')) resolve('port taken')
      else reject(new Error(`redis-server did not start:\n${log}`))
    })
  })
}

async function endOf(server: ChildProcess, kill: () => void): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  kill()
  await ended
}
