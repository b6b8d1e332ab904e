import { createHash } from 'node:crypto'
import { vi } from 'vitest'
import { seededRandom } from '../../../../../tooling/shared/src/seeded-random.ts'
import { type Failure, lostResponse, requestFailures, storeFailures } from './failures.test-helper.ts'

export type Kind =
  | 'read'
  | 'compareAndSet'
  | 'lease'
  | 'release'
  | 'notification'
  | 'refresh'
  | 'obtain'
  | 'revoke'

/** The owner of operations and timers: a simulated process. */
export interface Actor {
  readonly name: string
  state: 'awake' | 'frozen' | 'killed'
}

export interface Operation {
  readonly actor: Actor
  readonly kind: Kind
  execute(): unknown
  /** Undefined until the operation is executed. */
  result: Promise<unknown> | undefined
  deliver(result: unknown): void
  fail(error: Error): void
}

interface Timer {
  readonly actor: Actor
  readonly at: number
  readonly call: () => void
}

export const isRequest = ({ kind }: Operation): boolean => ['refresh', 'obtain', 'revoke'].includes(kind)

/**
 * Controls time and all asynchronous operations of the simulated processes. An operation waits until the schedule
 * executes it, and then until the schedule delivers its result. Timers follow a clock that only the schedule advances.
 */
export class Clockwork {
  /** In milliseconds. */
  now = 0
  /** The steps that happened, for the message of a failed test. */
  readonly log: string[] = []
  #operations: Operation[] = []
  #timers: Timer[] = []
  #running: Actor | undefined

  /** Replaces the timers, `performance.now` and `Math.random` of this process until the mocks are restored. */
  constructor(random: number) {
    vi.spyOn(Math, 'random').mockImplementation(seededRandom(random))
    vi.spyOn(performance, 'now').mockImplementation(() => this.now)
    // Vitest's fake timers have one clock. Here the timers of a frozen process stop while others continue.
    vi.stubGlobal('setTimeout', (call: () => void, milliseconds: number) => {
      const timer: Timer = { actor: this.running, at: this.now + milliseconds, call }
      this.#timers.push(timer)
      return timer
    })
    vi.stubGlobal('clearTimeout', (timer: Timer) => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    })
    // The real digest would end at a time that the schedule does not control.
    vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_algorithm, data) => {
      const digest = createHash('sha256').update(new Uint8Array(data as ArrayBuffer))
      return new Uint8Array(digest.digest()).buffer
    })
  }

  /** The operations of processes that are awake. */
  get pending(): readonly Operation[] {
    return this.#operations.filter(({ actor }) => actor.state === 'awake')
  }

  get timers(): number {
    return this.#timers.length
  }

  /** The actor whose code runs now. */
  get running(): Actor {
    if (!this.#running) throw new Error('no process runs: code continued after the end of its turn')
    return this.#running
  }

  add(operation: Omit<Operation, 'result'>): void {
    this.#operations.push({ ...operation, result: undefined })
  }

  /** Runs the code of an actor until it waits for an operation or a timer. */
  async turn(actor: Actor, run: () => void): Promise<void> {
    this.#running = actor
    run()
    // By then, all promises that can settle have settled.
    await new Promise((resolve) => setImmediate(resolve))
    this.#running = undefined
  }

  /** Executes an operation, or delivers the result of an executed one. With `isWhole`, does both. */
  async work(operation: Operation, isWhole: boolean): Promise<void> {
    const { actor, kind } = operation
    const wasExecuted = operation.result !== undefined
    const result = operation.result ?? this.#execute(operation)
    operation.result = result
    if (!wasExecuted) await result.catch(() => undefined)
    if (wasExecuted || isWhole) {
      this.log.push(`${actor.name}: ${kind} returns`)
      this.#remove(operation)
      await result.then(
        (value) => this.turn(actor, () => operation.deliver(value)),
        (error) => this.turn(actor, () => operation.fail(error)),
      )
    }
    await this.pass(1)
  }

  /** Fails an operation with a failure, or with the failure that a number picks. */
  async fail(operation: Operation, how: Failure | number): Promise<void> {
    const { actor, kind } = operation
    const failures = isRequest(operation) ? requestFailures : storeFailures
    const picked = typeof how === 'number' ? (failures[how % failures.length] as Failure) : how
    const failure = operation.result && isRequest(operation) ? lostResponse : picked
    if (failure.isExecuted && !operation.result) await this.#execute(operation).catch(() => undefined)
    this.log.push(`${actor.name}: ${kind} ${failure.name}`)
    this.#remove(operation)
    await this.turn(actor, () => operation.fail(failure.error()))
    await this.pass(1)
  }

  /** Advances the clock by a number of milliseconds, and fires the timers of processes that are awake. */
  async pass(milliseconds: number): Promise<void> {
    if (milliseconds > 1) this.log.push(`${Math.round(milliseconds)} ms pass`)
    const until = this.now + milliseconds
    for (let next = this.#nextTimer(); next && next.at <= until; next = this.#nextTimer()) {
      const { actor, at, call } = next
      this.now = Math.max(this.now, at)
      clearTimeout(next as never)
      await this.turn(actor, call)
    }
    this.now = until
  }

  /** Runs operations and timers while `isAwaited`. Returns false if that does not end. */
  async rest(isAwaited: () => boolean): Promise<boolean> {
    for (let left = 5000; left > 0; left--) {
      const [operation] = this.pending
      const timer = this.#nextTimer()
      if (operation) await this.work(operation, true)
      else if (!isAwaited()) return true
      else if (timer) await this.pass(Math.max(0, timer.at - this.now))
      else return false
    }
    return false
  }

  /** Removes the operations and timers of an actor. */
  drop(actor: Actor): void {
    this.#operations = this.#operations.filter((operation) => operation.actor !== actor)
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor)
  }

  #execute(operation: Operation): Promise<unknown> {
    this.log.push(`${operation.actor.name}: ${operation.kind} is executed`)
    return Promise.resolve().then(() => operation.execute())
  }

  #remove(operation: Operation): void {
    this.#operations = this.#operations.filter((other) => other !== operation)
  }

  #nextTimer(): Timer | undefined {
    const [first, ...others] = this.#timers.filter(({ actor }) => actor.state === 'awake')
    return others.reduce((next, timer) => (next && next.at <= timer.at ? next : timer), first)
  }
}
