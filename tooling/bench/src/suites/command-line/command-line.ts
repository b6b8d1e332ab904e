import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeProcess } from '../../harness/time-process.ts'
import { startTokenServer } from '../../servers/token-server.ts'
import { private_key_pem } from '../jwt/jwt-application.ts'

const execute = promisify(execFile)
const command = fileURLToPath(new URL('./dist/bin.js', import.meta.resolve('@pds/cli/package.json')))

/** Measures processes of `pds token` that find a valid token in the store, with the key in a file. */
export async function commandLine(settings: Settings): Promise<readonly BenchmarkResult[]> {
  const server = await startTokenServer()
  const folder = await mkdtemp(path.join(tmpdir(), 'command-line-'))
  try {
    const env = {
      ...process.env,
      ...{ HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
      PDS_HOME: undefined,
      // Without a bus, there is no keychain.
      DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    }
    const key = path.join(folder, 'key.pem')
    await writeFile(key, private_key_pem)
    const app = ['--service', '--domain', 'bj1', '--client', 'jwt-app', '--key', key]
    await execute(process.execPath, [command, 'login', ...app, '--endpoint', server.endpoint], { env })
    const candidates: Candidate[] = [
      {
        name: 'pds token',
        role: 'ours',
        packages: ['@pds/cli'],
        async check() {
          const { stdout } = await execute(process.execPath, [command, 'token'], { env })
          if (!/^\w{100,}\n$/.test(stdout)) throw new Error('pds token wrote no token')
        },
        measure: () => timeProcess(command, ['token'], env),
      },
      { name: 'node -e 0', role: 'baseline', packages: [], measure: () => timeProcess('-e', ['0'], env) },
    ]
    const name = 'Process that reads a valid token from the store'
    const targets = [{ against: 'node -e 0', minRatio: 0.5 }]
    return [await measureInRounds({ name, unit: 'ns', candidates, targets }, settings)]
  } finally {
    await rm(folder, { recursive: true })
    await server.close()
  }
}
