/** A runtime that runs scenarios. */
export interface Runtime {
  readonly version: string
  /**
   * Runs a scenario, which is a file in the folder `scenarios`, and returns its result. Each run has a new process,
   * page or request.
   *
   * Throws if the scenario throws. A process also fails if it writes a warning.
   */
  run(scenario: string, environment: object): Promise<unknown>
  close(): Promise<void>
}

export type StoreKind = 'memory' | 'sqlite' | 'redis' | 'postgres' | 'web'

/** The kinds of keys that a runtime signs with: all, those that WebCrypto reads, or none. */
type SigningKeys = 'all' | 'webcrypto' | 'none'

/** A runtime, and the capabilities that the tests require. */
export interface RuntimeCase {
  readonly name: string
  /** The name of the engine to which the version belongs, if it differs from `name`. */
  readonly engine?: string
  start(folder: string): Promise<Runtime>
  /** The reason why the runtime cannot run here, or false. */
  readonly isMissing?: string | false
  readonly signs: SigningKeys
  /** Whether the routes of a back end run in the runtime. */
  readonly hasBackend: boolean
  /** Whether runs share memory, like the requests of a worker. */
  readonly sharesMemory?: boolean
  /** Whether the runtime has no TCP, so that its Redis clients use HTTP. */
  readonly usesHttpRedis?: boolean
  readonly stores: readonly StoreKind[]
  /** Whether the emulator runs in the runtime. */
  readonly hasEmulator: boolean
  /** Whether the runtime has CommonJS. */
  readonly hasRequire: boolean
  /** Whether an error of its fetch shows that the server refused the connection. */
  readonly reportsRefusedConnections: boolean
  /** Whether its fetch always follows redirects. */
  readonly followsRedirects?: boolean
  /** Whether it has no encryption of WebCrypto. */
  readonly lacksEncryption?: boolean
  /** Whether its fetch returns a body that was cut off as if it was complete. */
  readonly hidesCutBodies?: boolean
  /** Whether its fetch retries a request automatically if an open connection is closed without a response. */
  readonly retriesByItself: boolean
}
