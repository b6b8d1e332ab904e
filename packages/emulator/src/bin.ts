#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { defaultApps } from './domain/options.ts'
import { startEmulator } from './start-emulator.ts'
import { startupTable } from './startup-table.ts'

const usage = `pds-emulator: run a PDS domain on your own machine

Usage: pds-emulator [options]

  --port N             port to listen on; 0 selects a free port (default: 7171)
  --host NAME          host to listen on: 127.0.0.1, ::1 or localhost (default: 127.0.0.1)
  --domain ID          id of the domain (default: local)
  --user ID            id of a user; can be given several times (default: user-1)
  --redirect-uri URI   redirect URI to register for each OAuth application; can be given several times
  --public-key FILE    public key of the JWT application (PEM), to sign with your own private key
                       (default: a new key pair; the private key is printed)
  --grace SECONDS      how long after its first use a refresh token returns the same tokens again (default: 0)
  --revoke-family      a second use of a refresh token revokes all tokens of its sign-in
  -h, --help           print this help
  -v, --version        print the version
`

try {
  await main()
} catch (error) {
  console.error(`pds-emulator: ${explain(error)}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7171' },
      host: { type: 'string', default: '127.0.0.1' },
      domain: { type: 'string' },
      user: { type: 'string', multiple: true },
      'redirect-uri': { type: 'string', multiple: true, default: [] },
      'public-key': { type: 'string' },
      grace: { type: 'string', default: '0' },
      'revoke-family': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  })
  if (values.help) return console.log(usage)
  if (values.version) {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    return console.log(JSON.parse(manifest).version)
  }
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new RangeError(`--port must be an integer from 0 to 65535 (received ${values.port})`)
  const grace = Number(values.grace) * 1000
  if (!/^\d+(\.\d+)?$/.test(values.grace) || !Number.isFinite(grace))
    throw new RangeError(`--grace must be a non-negative number of seconds (received ${values.grace})`)
  const publicKeyFile = values['public-key']
  const public_key_pem = publicKeyFile === undefined ? undefined : readFileSync(publicKeyFile, 'utf8')

  const emulator = await startEmulator({
    port,
    hostname: values.host,
    rotation: { grace, revokeFamily: values['revoke-family'] },
    ...(values.domain !== undefined && { domain_id: values.domain }),
    ...(values.user && { users: values.user.map((user_id) => ({ user_id })) }),
    apps: defaultApps.map((app) =>
      app.type === 'jwt'
        ? { ...app, ...(public_key_pem !== undefined && { public_key_pem }) }
        : { ...app, redirect_uris: [...values['redirect-uri'], ...app.redirect_uris] },
    ),
  })
  console.log(startupTable(emulator))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(`\nStopped after ${emulator.requests.length} requests.`)
      void emulator.close()
    })
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `${error.message}. Select another port with --port, or a free port with --port 0.`
  return error.message
}
