import { invalidParameter, mustBe } from '@pds/core/internal'
import { EnvReader, type IEnvVariables } from './env-reader.ts'
import { lazyObject } from './lazy-object.ts'
import { readKeyFile } from './read-key-file.ts'

/** The settings that `fromEnv` returns. The objects are frozen, and each property reads its variable when it is used. */
export interface IEnvSettings {
  /** The options of `createTransport` and of `PDSClient`. */
  readonly transport: {
    /** `PDS_API_ENDPOINT`, by default `https://<PDS_DOMAIN_ID>.api.aliyunpds.com`. */
    readonly api_endpoint: string
  }
  /** The parameters of a JWT application. */
  readonly app: {
    /** `PDS_DOMAIN_ID`. */
    readonly domain_id: string
    /** `PDS_CLIENT_ID`. */
    readonly client_id: string
    /** `PDS_PRIVATE_KEY`, or the text of the file that `PDS_PRIVATE_KEY_FILE` names. */
    readonly private_key_pem: string
  }
  /** The parameters of an OAuth application. */
  readonly oauthApp: {
    /** `PDS_CLIENT_ID`. */
    readonly client_id: string
    /** `PDS_CLIENT_SECRET`. Absent if the variable is missing when `oauthApp` is used. */
    readonly client_secret?: string
    /** `PDS_REDIRECT_URI`. */
    readonly redirect_uri: string
  }
}

/**
 * Returns the settings of an application from environment variables.
 *
 * A property reads its variable when it is used, so a module loads without any variable. Then a missing or empty
 * variable throws an error that names it. `util.inspect` and JSON show `***` for the key and the secret.
 *
 * @param env - The variables. Default: `process.env`. On Cloudflare Workers, pass the `env` of the handler.
 * @returns `transport` for `createTransport`, `app` for a JWT application and `oauthApp` for an OAuth application.
 * @throws PDSError `InvalidParameter` if `env` is not an object; in a browser bundle `UnsupportedEnvironment`. A
 * property throws `InvalidParameter`, or `UnsupportedEnvironment` for a key file in a runtime without `node:fs`.
 * @example
 * ```ts
 * import { fromEnv, jwtGrant } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const env = fromEnv() // PDS_DOMAIN_ID, PDS_CLIENT_ID, PDS_PRIVATE_KEY
 * const transport = createTransport(env.transport)
 * const grant = jwtGrant({ transport, ...env.app, user_id: 'user-1' })
 * ```
 */
export function fromEnv(env?: IEnvVariables | Readonly<Record<string, string | undefined>>): IEnvSettings {
  if (env !== undefined && (typeof env !== 'object' || env === null)) {
    throw mustBe('fromEnv: env', 'an object of variables', env)
  }
  const reader = new EnvReader(env)
  const client_id = () => reader.required('PDS_CLIENT_ID', 'the id of the application')
  const transport = lazyObject<IEnvSettings['transport']>({ api_endpoint: () => readEndpoint(reader) })
  const app = lazyObject<IEnvSettings['app']>(
    {
      domain_id: () => reader.required('PDS_DOMAIN_ID', 'the id of the domain, for example bj1'),
      client_id,
      private_key_pem: () => readKey(reader),
    },
    ['private_key_pem'],
  )
  const oauthApp = () => {
    const client_secret = () => reader.required('PDS_CLIENT_SECRET', 'the secret of the application')
    return lazyObject<IEnvSettings['oauthApp']>(
      {
        client_id,
        ...(reader.has('PDS_CLIENT_SECRET') && { client_secret }),
        redirect_uri: () => reader.required('PDS_REDIRECT_URI', 'a redirect URI of the application'),
      },
      ['client_secret'],
    )
  }
  return lazyObject<IEnvSettings>({ transport: () => transport, app: () => app, oauthApp })
}

function readEndpoint(reader: EnvReader): string {
  const endpoint = reader.line('PDS_API_ENDPOINT')
  if (endpoint !== undefined) return endpoint
  const domain_id = reader.line('PDS_DOMAIN_ID')
  if (domain_id === undefined) {
    throw reader.missing(
      'PDS_DOMAIN_ID',
      'set it to the id of the domain, for example bj1, or set PDS_API_ENDPOINT to the URL of the service',
    )
  }
  // A URL would make a request go to a host such as "https".
  if (/^[\w-]+$/.test(domain_id)) return `https://${domain_id}.api.aliyunpds.com`
  throw invalidParameter(
    'fromEnv: PDS_DOMAIN_ID must be only the id of the domain, for example bj1: set PDS_API_ENDPOINT to a URL',
  )
}

function readKey(reader: EnvReader): string {
  const key = reader.text('PDS_PRIVATE_KEY')
  if (!reader.has('PDS_PRIVATE_KEY_FILE')) {
    if (key !== undefined) return key
    throw reader.missing(
      'PDS_PRIVATE_KEY',
      'set it to the private key of the application (PEM), or set PDS_PRIVATE_KEY_FILE to the path of its file',
    )
  }
  if (key !== undefined) {
    throw invalidParameter(
      'fromEnv: PDS_PRIVATE_KEY and PDS_PRIVATE_KEY_FILE are both set: set only one of them',
    )
  }
  if (/-----|PRIVATE KEY/.test(reader.text('PDS_PRIVATE_KEY_FILE') ?? '')) {
    throw invalidParameter(
      'fromEnv: PDS_PRIVATE_KEY_FILE must be the path of a file (received a key): set PDS_PRIVATE_KEY to the key',
    )
  }
  return readKeyFile(reader.required('PDS_PRIVATE_KEY_FILE', 'the path of a file'))
}
