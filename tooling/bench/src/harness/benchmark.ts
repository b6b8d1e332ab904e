/** What somebody brings to a work: a package of ours, what a user would pick instead, or what cannot be beaten. */
export type Role = 'ours' | 'peer' | 'limit'

/** What the values of a work are: times in nanoseconds, or bytes. */
export type Unit = 'ns' | 'bytes'

/** One way to do a work. */
export interface Contender {
  name: string
  role: Role
  /** The npm packages that it consists of, whose versions are reported. */
  packages: readonly string[]
  /** Does the work once, and throws where that went wrong: who does less than the others is no contender. */
  check?: (() => Promise<void>) | undefined
  /** Does the work for one round, and gives what it took. */
  measure(): Promise<number>
}

/** What is wanted of a contender of ours. */
export type Target =
  /** Another one takes so many times as much, or more. */
  | { of: string; against: string; atLeast: number }
  /** It takes so many times as much as another one, or less. */
  | { of: string; against: string; atMost: number }
  /** It takes less than this. */
  | { of: string; below: number }

/** A work and who does it. */
export interface Work {
  name: string
  unit: Unit
  contenders: readonly Contender[]
  targets?: readonly Target[]
}

/** What a contender took, in each round. */
export interface MeasuredContender {
  name: string
  role: Role
  packages: readonly string[]
  values: readonly number[]
}

/** What was measured of a work. */
export interface MeasuredWork {
  name: string
  unit: Unit
  contenders: readonly MeasuredContender[]
  targets: readonly Target[]
}

/** How thoroughly is measured. */
export interface Settings {
  /** How often each contender is measured, beside the others. */
  rounds: number
  /** For how long at the least a function is called in a round, in milliseconds. */
  time: number
  /** Whether this only shows that everything runs: with as little work as that takes. */
  isSmoke: boolean
}

/** Measures some works that need the same things around them. */
export type Suite = (settings: Settings) => Promise<readonly MeasuredWork[]>
