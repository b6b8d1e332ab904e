import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { ordinaryRegistry } from '../install/managers.ts'
import { tools } from '../packages/repository.ts'

const run = promisify(execFile)

// A user of the emulated domain signs in, and calls the API with the token.
const program = `
import { PDSClient } from '@pds/client'
import { startEmulator } from '@pds/emulator'

const domain = await startEmulator()
const { domain_id, api_endpoint } = domain
const { client_id, private_key_pem } = domain.app('jwt')
const client = new PDSClient({ api_endpoint })
const token = await client.getUserJwtToken({ domain_id, client_id, private_key_pem, user_id: 'user-1' })
client.setToken(token)
const { user_id } = await client.postAPI('/user/get', { user_id: 'user-1' })
console.log(user_id)
await domain.close()
`

/**
 * Installs the client and the emulator with npm into an empty project. All `@pds` packages come from the registry
 * at `url`. Then runs a program that gets a token and calls the API. Returns its output.
 */
export async function runInstalled(folder: string, url: string): Promise<string> {
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  writeFileSync(path.join(folder, 'program.js'), program)
  const registry = await ordinaryRegistry(folder)
  writeFileSync(path.join(folder, '.npmrc'), `registry=${registry}\n@pds:registry=${url}\n`)
  const npm = [path.join(tools, 'npm/bin/npm-cli.js'), 'install', '@pds/client', '@pds/emulator']
  // The packages are new, and the configuration of this machine may exclude new versions for days.
  const options = ['--no-audit', '--no-fund', '--min-release-age=0', `--cache=${path.join(folder, '.cache')}`]
  // Only the ordinary registry may be behind a proxy of this machine.
  const direct = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1'].filter(Boolean).join()
  const env = { ...process.env, NO_PROXY: direct, no_proxy: direct }
  await run(process.execPath, [...npm, ...options], { cwd: folder, env })
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder, env })
  return stdout.trim()
}
