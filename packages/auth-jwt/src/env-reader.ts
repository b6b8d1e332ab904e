import { invalidParameter, mustBe, type PDSError, requiredText } from '@pds/core/internal'

/** The variables that `fromEnv` reads. An empty variable counts as missing. */
export interface IEnvVariables {
  /** The id of the domain, for example `bj1`. */
  PDS_DOMAIN_ID?: string | undefined
  /** The base URL of the service. Default: `https://<PDS_DOMAIN_ID>.api.aliyunpds.com`. */
  PDS_API_ENDPOINT?: string | undefined
  /** The id of the application. */
  PDS_CLIENT_ID?: string | undefined
  /** The private key of a JWT application: PEM, in which line breaks may be a literal `\n`. */
  PDS_PRIVATE_KEY?: string | undefined
  /** The path of a file with the private key, instead of `PDS_PRIVATE_KEY`. */
  PDS_PRIVATE_KEY_FILE?: string | undefined
  /** The secret of an OAuth application. Browser and native applications have none. */
  PDS_CLIENT_SECRET?: string | undefined
  /** The redirect URI of an OAuth application. */
  PDS_REDIRECT_URI?: string | undefined
}

type Name = keyof IEnvVariables

/** Reads the variables of `fromEnv` from the current environment. Errors name a variable and never contain its value. */
export class EnvReader {
  readonly #env: object | undefined

  /** Default: `process.env`, if the runtime has it. */
  constructor(env: object | undefined) {
    this.#env = env
  }

  /** Returns whether a variable is set and not blank. */
  has(name: Name): boolean {
    const value = this.#read(name)
    return typeof value === 'string' ? value.trim() !== '' : value !== undefined
  }

  /** Returns the text of a variable, which may have line breaks, or undefined if it is missing or blank. */
  text(name: Name): string | undefined {
    if (!this.has(name)) return undefined
    const value = this.#read(name)
    if (typeof value === 'string') return value
    throw mustBe(`fromEnv: ${name}`, 'a string', value)
  }

  /** Returns an id, a secret, a path or a URL, or undefined if the variable is missing or blank. */
  line(name: Name): string | undefined {
    const value = this.text(name)
    if (value === undefined || requiredText.accepts(value)) return value
    throw mustBe(`fromEnv: ${name}`, requiredText.wants, value)
  }

  /** Returns the value of a variable like `line`, and throws if it is missing. `meaning` says what to set it to. */
  required(name: Name, meaning: string): string {
    const value = this.line(name)
    if (value === undefined) throw this.missing(name, `set it to ${meaning}`)
    return value
  }

  /** Creates the error for a missing variable. `advice` says what to do. */
  missing(name: Name, advice: string): PDSError {
    const place = this.#env ? 'env' : 'process.env'
    return invalidParameter(`fromEnv: ${name} is missing or empty in ${place}: ${advice}`)
  }

  #read(name: Name): unknown {
    const host: { env?: object } | undefined = globalThis.process
    return Object(this.#env ?? host?.env)[name]
  }
}
