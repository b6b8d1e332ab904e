import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const run = promisify(execFile)
const folders = (process.env.PATH ?? '').split(path.delimiter)

function isInstalled(name: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const missing = Object.entries({ 'gnome-keyring-daemon': 'gnome-keyring', 'dbus-run-session': 'dbus' })
  .filter(([program]) => !isInstalled(program))
  .map(([program, name]) => `${program} is missing: apt-get install ${name}`)[0]
if (missing && process.env.PDS_NO_SKIPPED_TESTS === '1') throw new Error(missing)

/** The reason to skip tests that need a keychain, or false. With PDS_NO_SKIPPED_TESTS=1, this module throws instead. */
export const keyringIsMissing: string | false = missing ?? false

/** The home of a user without a display. */
export interface Home {
  folder: string
  /** The path of a key file that does not exist yet. */
  file: string
  env: NodeJS.ProcessEnv
}

/** Creates the home of a user for the time of one test. */
export function createHome(): Home {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-keyring-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const folderOf = (name: string) => {
    const created = path.join(folder, name)
    mkdirSync(created, { mode: 0o700 })
    return created
  }
  // Without DISPLAY, gnome-keyring cannot ask for a password: its prompt counts as dismissed.
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_RUNTIME_DIR: folderOf('runtime'),
    XDG_DATA_HOME: folderOf('data'),
    XDG_CONFIG_HOME: folderOf('config'),
    XDG_CACHE_HOME: folderOf('cache'),
  }
  return { folder, file: path.join(folder, 'data', 'pds-test', 'key.json'), env }
}

/** A session of a user: a D-Bus session bus, where D-Bus can start gnome-keyring. */
export interface DesktopSession {
  /** The environment of programs in the session. */
  env: NodeJS.ProcessEnv
  /** Unlocks the login keyring with a password, as a login does. Creates it if the home has none. */
  unlock(): Promise<void>
  /** Locks the login keyring. */
  lock(): Promise<void>
  end(): Promise<void>
}

/** Starts a session for the time of one test. Its keychain may be missing, or a program that ends at once. */
export async function startSession(
  home: Home,
  keychain: 'gnome-keyring' | 'missing' | 'broken' = 'gnome-keyring',
): Promise<DesktopSession> {
  const args = keychain === 'gnome-keyring' ? [] : ['--config-file', writeConfig(home, keychain)]
  const script = 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat'
  const bus = spawn('dbus-run-session', [...args, '--', 'sh', '-c', script], {
    env: home.env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const end = async () => {
    if (bus.exitCode !== null) return
    const ended = once(bus, 'exit')
    bus.stdin.end()
    await ended
  }
  onTestFinished(end)
  const [line] = await once(bus.stdout.setEncoding('utf8'), 'data')
  const env = { ...home.env, DBUS_SESSION_BUS_ADDRESS: line.trim() }
  return {
    env,
    end,
    unlock: () => unlock(env),
    async lock() {
      const object = '/org/freedesktop/secrets'
      await run(
        'dbus-send',
        [
          '--session',
          '--print-reply',
          '--dest=org.freedesktop.secrets',
          object,
          'org.freedesktop.Secret.Service.Lock',
          `array:objpath:${object}/collection/login`,
        ],
        { env },
      )
    },
  }
}

async function unlock(env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['--unlock', '--components=secrets']
  const daemon = spawn('gnome-keyring-daemon', args, { env, stdio: ['pipe', 'ignore', 'ignore'] })
  const exited = once(daemon, 'exit')
  // It reads the password, and continues in the background.
  daemon.stdin.end('password')
  const [code] = await exited
  if (code !== 0) throw new Error(`gnome-keyring-daemon exited with ${code}`)
}

/** Writes the configuration of a bus without the services of this machine, and returns its path. */
function writeConfig({ folder }: Home, keychain: 'missing' | 'broken'): string {
  const services = path.join(folder, 'services')
  mkdirSync(services, { recursive: true })
  if (keychain === 'broken') {
    const service = ['[D-BUS Service]', 'Name=org.freedesktop.secrets', 'Exec=/bin/false', '']
    writeFileSync(path.join(services, 'org.freedesktop.secrets.service'), service.join('\n'))
  }
  const file = path.join(folder, 'bus.conf')
  writeFileSync(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>${services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`,
  )
  return file
}
