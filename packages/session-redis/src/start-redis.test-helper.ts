import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from 'shared/free-port'

/** A server for one test file. */
export interface RunningRedis {
  /** The port on 127.0.0.1. A restart does not change it. */
  readonly port: number
  readonly url: string
  /** Kills the server and starts an empty one on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const isInstalled = (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
  try {
    accessSync(path.join(folder, 'redis-server'), constants.X_OK)
    return true
  } catch {
    return false
  }
})

const missing = 'redis-server is missing: apt-get install redis-server'
if (!isInstalled && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)

/** The reason to skip tests that need a server, or false. With PDS_NO_SKIPPED_TESTS=1, this module throws instead. */
export const redisIsMissing: string | false = !isInstalled && missing

/** A placeholder for another free port in the arguments of `startRedis`. */
export const anotherPort = 'another port'

/**
 * Starts a redis-server without persistence on a free loopback port, and waits until it is ready.
 *
 * `args` are further arguments of the command line. The server ends with `stop` or with this process.
 */
export async function startRedis(...args: readonly string[]): Promise<RunningRedis> {
  return startServer('Ready to accept connections', async (port, folder) => {
    const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
    const resolvedArgs = args.map((arg) => (arg === anotherPort ? freePort().then(String) : arg))
    return [...settings, '--save', '', '--appendonly', 'no', ...(await Promise.all(resolvedArgs))]
  })
}

/**
 * Starts a redis-server and waits until it logs a text.
 *
 * `argsFor` returns the command line for a port and for the folder of the server, which is removed with it.
 */
export async function startServer(
  readyText: string,
  argsFor: (port: number, folder: string) => Promise<string[]>,
): Promise<RunningRedis> {
  if (!isInstalled) throw new Error(missing)
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-redis-'))

  // Another process may take the port before the server does.
  for (let tries = 0; tries < 10; tries++) {
    const port = await freePort()
    const args = await argsFor(port, folder)
    const launch = () => launchRedis(args, readyText)
    const server = await launch()
    if (server !== 'port taken') return running(port, folder, server, launch)
  }
  throw new Error('redis-server could not listen: other processes took its ports 10 times')
}

type Launched = ChildProcess | 'port taken'

/** Returns the handle of a started server. */
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
  // Vitest ends its workers with a signal, and then `exit` is not emitted.
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

async function launchRedis(args: readonly string[], readyText: string): Promise<Launched> {
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let log = ''
  server.stdout.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.stdout.on('data', (text: string) => {
      if (log.includes(readyText)) return
      log += text
      if (log.includes(readyText)) resolve(server)
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
