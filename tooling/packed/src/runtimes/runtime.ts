/** A runtime that scenarios are run in. */
export interface Runtime {
  readonly version: string
  /**
   * Runs a scenario, which is a file of the folder `scenarios`, and gives its result.
   *
   * Throws where the scenario does, or warns of something: each run has a process, a page or a request of its own.
   */
  run(scenario: string, environment: object): Promise<unknown>
  close(): Promise<void>
}

export type StoreKind = 'memory' | 'sqlite' | 'redis' | 'web'

/** A runtime, and what must work in it. */
export interface RuntimeCase {
  readonly name: string
  /** What its version is that of, where that has another name. */
  readonly engine?: string
  start(folder: string): Promise<Runtime>
  /** Why it cannot be tried here. */
  readonly isMissing?: string | false
  readonly isServer: boolean
  readonly stores: readonly StoreKind[]
  /** Whether the emulator runs in it, and whether it has CommonJS. */
  readonly hasEmulator: boolean
  readonly hasRequire: boolean
  /** Whether it tells that a connection was refused. */
  readonly tellsRefused: boolean
  /** Whether its fetch sends a request once more, by itself, when a connection that was open before is cut. */
  readonly sendsAgain: boolean
}
