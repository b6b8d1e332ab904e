import { signInUrl } from './routes/authorization-request.ts'
import type { RunningEmulator } from './start-emulator.ts'

/** Returns the startup text of the command: URLs, and the configuration as JavaScript that can be pasted into code. */
export function startupTable(emulator: RunningEmulator): string {
  const { api_endpoint, domain_id } = emulator
  const user_id = emulator.users[0]?.user_id ?? ''
  const rows: [comment: string, name: string, value: unknown][] = [
    ['base URL of the domain', 'api_endpoint', api_endpoint],
    ['id of the domain', 'domain_id', domain_id],
    ['id of a user', 'user_id', user_id],
  ]
  for (const app of emulator.apps) {
    const { type, name, client_id } = app
    const credentials =
      app.type === 'jwt'
        ? { private_key_pem: app.private_key_pem ?? 'your own private key for --public-key' }
        : { client_secret: app.client_secret, redirect_uri: app.redirect_uris[0] }
    rows.push([name, `${type}_app`, { client_id, ...credentials }])
  }
  const code = rows.map(([comment, name, value]) => `const ${name} = ${literal(value)} // ${comment}`)
  const webApp = emulator.apps.find((app) => app.type !== 'jwt')
  return [
    `PDS emulator on ${api_endpoint} (this machine only). Press Ctrl+C to stop.`,
    '',
    'Live page with this configuration and all requests (keep it open while you debug):',
    `${api_endpoint}/`,
    '',
    ...code,
    '',
    ...(webApp
      ? [
          'Sign-in page (open it in a browser; it redirects with a code):',
          signInUrl(api_endpoint, webApp),
          '',
          'To get a code without the page, append &user_id= and the id of a user to this URL.',
          '',
        ]
      : []),
    'To lose the response to the next request:',
    `curl --json '{"type": "drop", "when": "after"}' ${api_endpoint}/_emulator/faults`,
  ].join('\n')
}

function literal(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${name}: ${JSON.stringify(field)}`)
  return `{ ${fields.join(', ')} }`
}
