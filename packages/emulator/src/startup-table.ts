import { signInUrl } from './routes/authorization-request.ts'
import type { RunningEmulator } from './start-emulator.ts'

/** What a developer needs of a running emulator, as JavaScript that can be pasted into code. */
export function startupTable(emulator: RunningEmulator): string {
  const { api_endpoint, domain_id } = emulator
  const user_id = emulator.users[0]?.user_id ?? ''
  const rows: [comment: string, name: string, value: unknown][] = [
    ['the base URL of the domain', 'api_endpoint', api_endpoint],
    ['the domain', 'domain_id', domain_id],
    ['a user', 'user_id', user_id],
  ]
  for (const app of emulator.apps) {
    const { type, name, client_id } = app
    const credentials =
      app.type === 'jwt'
        ? { private_key_pem: app.private_key_pem ?? 'your own, for the public key that you gave' }
        : { client_secret: app.client_secret, redirect_uri: app.redirect_uris[0] }
    rows.push([name, `${type}_app`, { client_id, ...credentials }])
  }
  const code = rows.map(([comment, name, value]) => `const ${name} = ${literal(value)} // ${comment}`)
  const webApp = emulator.apps.find((app) => app.type !== 'jwt')
  return [
    `PDS emulator on ${api_endpoint}, for this machine only. All is in memory; Ctrl+C ends it.`,
    '',
    'To keep open while you debug a sign-in, a page with all of this and each request as it comes:',
    `${api_endpoint}/`,
    '',
    ...code,
    '',
    ...(webApp
      ? [
          'A sign-in, for a browser: its end is a redirect with a code to',
          signInUrl(api_endpoint, webApp),
          '',
        ]
      : []),
    'A code without a page: GET the same address with &user_id= and the id of the user who approves',
    '',
    'A failure of the next request, to see what your code does then:',
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
