import { createHash } from 'node:crypto'
import { vi } from 'vitest'
import { type Failure, lostAnswer, requestFailures, storeFailures } from './failures.test-helper.ts'

export type Kind = 'read' | 'compareAndSet' | 'lease' | 'release' | 'hint' | 'refresh' | 'obtain' | 'revoke'

/** Who waits for operations and timers. */
export interface Actor {
  readonly name: string
  state: 'awake' | 'frozen' | 'killed'
}

export interface Operation {
  readonly actor: Actor
  readonly kind: Kind
  carryOut(): unknown
  /** Once it is carried out. */
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
 * Time and everything that is asynchronous, for actors that would be processes of their own: an operation waits until
 * it is carried out, and then until its answer is delivered; timers go by a clock that stands still until it is moved.
 */
export class Clockwork {
  /** In milliseconds. */
  now = 0
  /** What happened, for the reader of a failed test. */
  readonly log: string[] = []
  #operations: Operation[] = []
  #timers: Timer[] = []
  #running: Actor | undefined

  /** Puts itself in the place of the timers and clocks of this process, until mocks are restored. */
  constructor(random: number) {
    vi.spyOn(Math, 'random').mockImplementation(seededRandom(random))
    vi.spyOn(performance, 'now').mockImplementation(() => this.now)
    // Vitest's own timers are those of one process: here those of a frozen one stand still while others go on.
    vi.stubGlobal('setTimeout', (call: () => void, milliseconds: number) => {
      const timer: Timer = { actor: this.running, at: this.now + milliseconds, call }
      this.#timers.push(timer)
      return timer
    })
    vi.stubGlobal('clearTimeout', (timer: Timer) => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    })
    // The real one would go on by itself.
    vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_algorithm, data) => {
      const digest = createHash('sha256').update(new Uint8Array(data as ArrayBuffer))
      return new Uint8Array(digest.digest()).buffer
    })
  }

  /** The operations that can go on. */
  get pending(): readonly Operation[] {
    return this.#operations.filter(({ actor }) => actor.state === 'awake')
  }

  get timers(): number {
    return this.#timers.length
  }

  /** Whose code runs now. */
  get running(): Actor {
    if (!this.#running) throw new Error('nobody runs: a turn has not ended with all that it began')
    return this.#running
  }

  begin(operation: Omit<Operation, 'result'>): void {
    this.#operations.push({ ...operation, result: undefined })
  }

  /** Runs the code of an actor, up to the next thing that it has to wait for. */
  async turn(actor: Actor, run: () => void): Promise<void> {
    this.#running = actor
    run()
    // All promises that can settle have done so by then.
    await new Promise((resolve) => setImmediate(resolve))
    this.#running = undefined
  }

  /** Carries out an operation, or delivers its answer where that is done; both where it is to be `whole`. */
  async work(operation: Operation, isWhole: boolean): Promise<void> {
    const { actor, kind } = operation
    const wasCarriedOut = operation.result !== undefined
    const result = operation.result ?? this.#carryOut(operation)
    operation.result = result
    if (!wasCarriedOut) await result.catch(() => undefined)
    if (wasCarriedOut || isWhole) {
      this.log.push(`${actor.name}: ${kind} is answered`)
      this.#end(operation)
      await result.then(
        (value) => this.turn(actor, () => operation.deliver(value)),
        (error) => this.turn(actor, () => operation.fail(error)),
      )
    }
    await this.pass(1)
  }

  /** Lets an operation fail: in the way that is given, or in one that is picked by a number. */
  async fail(operation: Operation, how: Failure | number): Promise<void> {
    const { actor, kind } = operation
    const failures = isRequest(operation) ? requestFailures : storeFailures
    const picked = typeof how === 'number' ? (failures[how % failures.length] as Failure) : how
    const failure = operation.result && isRequest(operation) ? lostAnswer : picked
    if (failure.isDone && !operation.result) await this.#carryOut(operation).catch(() => undefined)
    this.log.push(`${actor.name}: ${kind} ${failure.name}`)
    this.#end(operation)
    await this.turn(actor, () => operation.fail(failure.error()))
    await this.pass(1)
  }

  /** Lets time pass, with the timers of those who are awake. In milliseconds. */
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

  /** Lets everything go on for as long as somebody waits. Gives false where that has no end. */
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

  /** Forgets all that an actor waits for. */
  drop(actor: Actor): void {
    this.#operations = this.#operations.filter((operation) => operation.actor !== actor)
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor)
  }

  #carryOut(operation: Operation): Promise<unknown> {
    this.log.push(`${operation.actor.name}: ${operation.kind} is carried out`)
    return Promise.resolve().then(() => operation.carryOut())
  }

  #end(operation: Operation): void {
    this.#operations = this.#operations.filter((other) => other !== operation)
  }

  #nextTimer(): Timer | undefined {
    const [first, ...others] = this.#timers.filter(({ actor }) => actor.state === 'awake')
    return others.reduce((next, timer) => (next && next.at <= timer.at ? next : timer), first)
  }
}

/** The generator mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
