import type { EmulatorApp } from './domain/apps.ts'

/** What `--json` prints: the facts that a program needs to use an emulator. */
export interface StartupJson {
  api_endpoint: string
  port: number
  pid: number
  domain_id: string
  user_id: string
  apps: readonly EmulatorApp[]
}

/** Returns shell commands that set the environment variables of the guides, for one application. */
export function startupEnv(
  { api_endpoint, pid, domain_id, user_id, apps }: StartupJson,
  type: string,
): string {
  const app = apps.find((each) => each.type === type)
  const values: Record<string, string | undefined> = {
    PDS_EMULATOR_PID: String(pid),
    PDS_API_ENDPOINT: api_endpoint,
    PDS_DOMAIN_ID: domain_id,
    PDS_USER_ID: user_id,
    PDS_CLIENT_ID: app?.client_id,
    ...(app?.type === 'jwt'
      ? { PDS_PRIVATE_KEY: app.private_key_pem }
      : { PDS_CLIENT_SECRET: app?.client_secret, PDS_REDIRECT_URI: app?.redirect_uris[0] }),
  }
  return Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join('\n')
}

/** Quotes a value for POSIX shells. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
