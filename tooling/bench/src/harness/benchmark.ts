/** Whether a candidate uses our packages, packages that a user could choose instead, or only the necessary work. */
export type Role = 'ours' | 'other' | 'baseline'

/** The unit of measured values: nanoseconds, bytes, or a share between 0 and 1. */
export type Unit = 'ns' | 'bytes' | 'share'

/** A store of sessions. */
export type StoreName = 'memory' | 'SQLite' | 'Redis' | 'PostgreSQL'

/** One implementation of the operation that a benchmark measures. */
export interface Candidate {
  name: string
  role: Role
  /** The npm packages that it uses. The report lists their versions. */
  packages: readonly string[]
  /** Runs the operation once. Throws if the result is wrong, so that no candidate wins by doing less work. */
  check?: (() => Promise<void>) | undefined
  /** Measures the operation for one round, and returns the value. */
  measure(): Promise<number>
}

/** A limit for our candidate of a benchmark. `pnpm bench` prints whether it is met. */
export type Target =
  /** The other candidate takes at least this multiple of ours, as a median of the rounds. */
  | { against: string; minRatio: number }
  /** Our median is below this value, in the unit of the benchmark. */
  | { maxMedian: number }

/** An operation and the candidates that implement it. */
export interface Benchmark {
  name: string
  unit: Unit
  candidates: readonly Candidate[]
  targets?: readonly Target[]
}

/** The measured values of a candidate, one for each round. */
export interface CandidateResult {
  name: string
  role: Role
  packages: readonly string[]
  values: readonly number[]
}

/** The measured values of a benchmark. */
export interface BenchmarkResult {
  /** Ends with `, … store` if the benchmark has a store. */
  name: string
  unit: Unit
  /** The store of a benchmark of many users. The report shows the stores beside each other. */
  store?: StoreName
  candidates: readonly CandidateResult[]
  targets: readonly Target[]
}

/** How thoroughly the benchmarks measure. */
export interface Settings {
  /** How often each candidate is measured. */
  rounds: number
  /** The minimum time for which a function is called in a round, in milliseconds. */
  minTime: number
  /** Whether to do as little as possible, only to show that everything runs. */
  isSmoke: boolean
}

/** Measures benchmarks that share a setup, such as a server. */
export type Suite = (settings: Settings) => Promise<readonly BenchmarkResult[]>
