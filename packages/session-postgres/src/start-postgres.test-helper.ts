import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from 'shared/free-port'

/** A server for one test file. */
export interface RunningPostgres {
  /** The port on 127.0.0.1. A restart does not change it. */
  readonly port: number
  /** The URL of its database, for a superuser. */
  readonly url: string
  /** Ends the server as a crash does. */
  crash(): Promise<void>
  /** Starts the server again, with its data, after `crash`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** A PgBouncer for one test file. */
export interface RunningPgbouncer {
  /** The URL of the database of its server. */
  readonly url: string
  stop(): Promise<void>
}

// Debian installs each version into a separate folder, which is not on the path.
const debianFolder = '/usr/lib/postgresql'
const folders = [...debianVersions(), ...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']

function debianVersions(): string[] {
  try {
    const versions = readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => path.join(debianFolder, version, 'bin'))
  } catch {
    return []
  }
}

function folderOf(...programs: readonly string[]): string | undefined {
  const isProgram = (file: string) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  return folders.find((folder) => programs.every((program) => isProgram(path.join(folder, program))))
}

const serverFolder = folderOf('initdb', 'postgres')
const poolerFolder = folderOf('pgbouncer')
const reasonFor = (name: string) => `${name} is missing: apt-get install ${name}`

/** The reason to skip tests that need a server, or false. With PDS_NO_SKIPPED_TESTS=1, this module throws instead. */
export const postgresIsMissing: string | false = serverFolder === undefined && reasonFor('postgresql')
/** The same for tests that need a server and PgBouncer. */
export const pgbouncerIsMissing: string | false =
  postgresIsMissing || (poolerFolder === undefined && reasonFor('pgbouncer'))

if (pgbouncerIsMissing && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(pgbouncerIsMissing)

/**
 * Starts a PostgreSQL server with an empty database on a free loopback port, and waits until it is ready. `settings` are
 * further settings of the server, such as `max_connections=5`.
 */
export async function startPostgres(...settings: readonly string[]): Promise<RunningPostgres> {
  if (serverFolder === undefined) throw new Error(reasonFor('postgresql'))
  const folder = privateFolder('pds-postgres-')
  const data = path.join(folder, 'data')
  const init = ['-D', data, '-U', 'pds', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C']
  execFileSync(path.join(serverFolder, 'initdb'), init, {
    ...unprivileged(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })

  const launchAt = (port: number) => {
    const network = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=on']
    const args = ['-D', data, ...[...network, ...settings].flatMap((setting) => ['-c', setting])]
    return launch(path.join(serverFolder, 'postgres'), args, 'ready to accept connections')
  }
  const { port, program } = await onFreePort(launchAt)
  // SIGQUIT ends it at once, with its children and without a checkpoint.
  const running = keep(program, 'SIGQUIT', folder)
  return {
    port,
    url: `postgres://pds@127.0.0.1:${port}/postgres`,
    crash: () => running.end(),
    async start() {
      const next = await launchAt(port)
      if (next === 'port taken') throw new Error(`the port ${port} was taken during the restart`)
      running.replace(next)
    },
    stop: () => running.stop(),
  }
}

/**
 * Starts a PgBouncer in transaction mode on a free loopback port, in front of a server. Two connections to the server
 * serve all clients.
 */
export async function startPgbouncer(server: { port: number }): Promise<RunningPgbouncer> {
  if (poolerFolder === undefined) throw new Error(reasonFor('pgbouncer'))
  const folder = privateFolder('pds-pgbouncer-')
  const file = path.join(folder, 'pgbouncer.ini')
  const launchAt = (port: number) => {
    const target = `host=127.0.0.1 port=${server.port} dbname=postgres user=pds`
    const settings = [
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 2',
      'max_client_conn = 200',
    ]
    writeFileSync(file, ['[databases]', `postgres = ${target}`, '[pgbouncer]', ...settings, ''].join('\n'))
    return launch(path.join(poolerFolder, 'pgbouncer'), [file], 'process up')
  }
  const { port, program } = await onFreePort(launchAt)
  const running = keep(program, 'SIGKILL', folder)
  return { url: `postgres://pds@127.0.0.1:${port}/postgres`, stop: () => running.stop() }
}

/** Both programs refuse to run as root, so root runs them as an unprivileged user. */
function unprivileged(): Pick<SpawnOptions, 'uid' | 'gid'> {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
}

function privateFolder(prefix: string): string {
  const { uid, gid } = unprivileged()
  // The folder of root's temporary files may be closed to other users.
  const folder = mkdtempSync(path.join(uid === undefined ? tmpdir() : '/tmp', prefix))
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

type Launched = ChildProcess | 'port taken'

/** Starts a program and waits for a text in its log. */
function launch(file: string, args: readonly string[], readyText: string): Promise<Launched> {
  const program = spawn(file, args, { ...unprivileged(), stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  program.stderr.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    program.once('error', reject)
    program.stderr.on('data', (text: string) => {
      if (log.includes(readyText)) return
      log += text
      if (log.includes(readyText)) resolve(program)
    })
    program.once('close', () => {
      if (/address already in use/i.test(log)) resolve('port taken')
      else reject(new Error(`${path.basename(file)} did not start:\n${log}`))
    })
  })
}

/** Another process may take a free port before the program does. */
async function onFreePort(
  launchAt: (port: number) => Promise<Launched>,
): Promise<{ port: number; program: ChildProcess }> {
  for (let tries = 0; tries < 10; tries++) {
    const port = await freePort()
    const program = await launchAt(port)
    if (program !== 'port taken') return { port, program }
  }
  throw new Error('other processes took 10 free ports')
}

/** Ends a program with this process, and removes its folder. */
function keep(started: ChildProcess, signal: NodeJS.Signals, folder: string) {
  let program = started
  const kill = () => program.kill(signal)
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  const exit = () => {
    kill()
    removeFolder()
  }
  // Vitest ends its workers with a signal, and then `exit` is not emitted.
  const exitWithSignal = (received: NodeJS.Signals) => {
    exit()
    process.kill(process.pid, received)
  }
  process.once('exit', exit).once('SIGTERM', exitWithSignal)
  const end = async () => {
    if (program.exitCode !== null || program.signalCode !== null) return
    const ended = once(program, 'exit')
    kill()
    await ended
  }
  return {
    end,
    replace(next: ChildProcess) {
      program = next
    },
    async stop() {
      await end()
      removeFolder()
      process.off('exit', exit).off('SIGTERM', exitWithSignal)
    },
  }
}
