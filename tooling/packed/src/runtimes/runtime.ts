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
