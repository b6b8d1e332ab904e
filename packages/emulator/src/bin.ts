#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { defaultApps } from './domain/options.ts'
import { type RunningEmulator, startEmulator } from './start-emulator.ts'
import { startInBackground } from './start-in-background.ts'
import { type StartupJson, startupEnv } from './startup-env.ts'
import { startupTable } from './startup-table.ts'
import { readKeyFile, readStateFile, writeStateFile } from './state-file.ts'

const usage = `pds-emulator: run a PDS domain on your own machine

Usage: pds-emulator [options]

  --port N             port to listen on; 0 selects a free port (default: 7171)
  --host NAME          host to listen on: 127.0.0.1, ::1 or localhost (default: 127.0.0.1)
  --domain ID          id of the domain (default: local)
  --user ID            id of a user; can be given several times (default: user-1)
  --redirect-uri URI   redirect URI to register for each OAuth application; can be given several times
  --public-key FILE    public key of the JWT application (PEM), to sign with your own private key
                       (default: a new key pair; the private key is printed)
  --key FILE           private key of the JWT application (PEM, PKCS#8), which stays the same between starts;
                       the file is created if it does not exist
  --state FILE         keep users and tokens in this JSON file between starts; it contains the tokens unencrypted
  --grace SECONDS      how long after its first use a refresh token returns the same tokens again (default: 0)
  --revoke-family      a second use of a refresh token revokes all tokens of its sign-in
  --strict             reject what deviates from the vendor's documents, instead of only marking it in the log
  --json               print the configuration as one line of JSON
  --env                start in the background and print shell commands that set environment variables:
                         eval "$(pds-emulator --env --port 0)"   and to stop it   kill "$PDS_EMULATOR_PID"
  --app TYPE           application of the variables of --env: jwt, webserver, native or browser (default: jwt)
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
      strict: { type: 'boolean', default: false },
      key: { type: 'string' },
      state: { type: 'string' },
      json: { type: 'boolean', default: false },
      env: { type: 'boolean', default: false },
      app: { type: 'string', default: 'jwt' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  })
  if (values.help) return console.log(usage)
  if (values.version) {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    return console.log(JSON.parse(manifest).version)
  }
  const types = ['jwt', 'webserver', 'native', 'browser']
  if (!types.includes(values.app))
    throw new RangeError(`--app must be one of ${types.join(', ')} (received ${values.app})`)
  if (values.env) {
    if (values.json) throw new RangeError('--env and --json are exclusive: pass only one of them')
    const args = process.argv.slice(2).filter((arg) => arg !== '--env')
    const started = (await startInBackground(fileURLToPath(import.meta.url), args)) as StartupJson
    return console.log(startupEnv(started, values.app))
  }
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new RangeError(`--port must be an integer from 0 to 65535 (received ${values.port})`)
  const grace = Number(values.grace) * 1000
  if (!/^\d+(\.\d+)?$/.test(values.grace) || !Number.isFinite(grace))
    throw new RangeError(`--grace must be a non-negative number of seconds (received ${values.grace})`)
  const { 'public-key': publicKeyFile, key: keyFile, state: stateFile } = values
  if (publicKeyFile !== undefined && keyFile !== undefined)
    throw new RangeError('--public-key and --key are exclusive: pass only one of them')
  const keys = {
    ...(publicKeyFile !== undefined && { public_key_pem: readFileSync(publicKeyFile, 'utf8') }),
    ...(keyFile !== undefined && { private_key_pem: await readKeyFile(keyFile) }),
  }
  const state = stateFile === undefined ? undefined : readStateFile(stateFile)

  const emulator = await startEmulator({
    port,
    hostname: values.host,
    rotation: { grace, revokeFamily: values['revoke-family'] },
    strict: values.strict,
    ...(state && { state }),
    onRequest: ({ rotated }) => {
      if (rotated) void saveState()
    },
    ...(values.domain !== undefined && { domain_id: values.domain }),
    ...(values.user && { users: values.user.map((user_id) => ({ user_id })) }),
    apps: defaultApps.map((app) =>
      app.type === 'jwt'
        ? { ...app, ...keys }
        : { ...app, redirect_uris: [...values['redirect-uri'], ...app.redirect_uris] },
    ),
  })
  let saved = Promise.resolve()
  function saveState(): Promise<void> {
    if (stateFile === undefined) return saved
    // One after the other, so that an older state never replaces a newer one.
    saved = saved
      .then(async () => writeStateFile(stateFile, await emulator.exportState()))
      .catch((error) => console.error(`pds-emulator: --state: ${explain(error)}`))
    return saved
  }
  await saveState()
  console.log(values.json ? JSON.stringify(startupJson(emulator)) : startupTable(emulator))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await saveState()
      await emulator.close()
      // With --json, the reader of the output may be gone.
      if (!values.json) console.log(`\nStopped after ${emulator.requests.length} requests.`)
    })
  }
}

function startupJson({ api_endpoint, port, domain_id, users, apps }: RunningEmulator): StartupJson {
  return { api_endpoint, port, pid: process.pid, domain_id, user_id: users[0]?.user_id ?? '', apps }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `${error.message}. Select another port with --port, or a free port with --port 0.`
  return error.message
}
