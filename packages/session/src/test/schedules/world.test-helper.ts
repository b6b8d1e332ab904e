import type { TokenInfo } from '@pds/types'
import { Clockwork } from './clockwork.test-helper.ts'
import { type Process, startProcess, type WorldOptions } from './process.test-helper.ts'
import { SharedRecord } from './shared-record.test-helper.ts'
import { TokenServer } from './token-server.test-helper.ts'

/** A call of `getToken`. */
export interface Caller {
  readonly process: Process
  readonly rejected: string | undefined
  /** The tokens that the session knew to be replaced by others when it was called. */
  readonly replaced: ReadonlySet<string>
  /** Whether the session was already waiting for an operation, whose result the caller may get. */
  readonly isJoining: boolean
  /** The access token that the session had returned last before. */
  readonly before: string | undefined
  token?: TokenInfo
  error?: unknown
  /** How long the call took, in milliseconds. Undefined until the call has ended. */
  waited?: number
  /** How long the returned token was still valid, in milliseconds. */
  remaining?: number
  /** If the call failed: how long the token `before` was still valid, in milliseconds. */
  remainingBefore?: number
  /** Whether the session was signed out before the call, without a sign-in since then. */
  isSignedOut?: boolean
}

/** The processes that share one session, with all that can happen to them. */
export class World {
  readonly clockwork: Clockwork
  readonly server: TokenServer
  readonly record: SharedRecord
  /** The processes that were not killed. */
  readonly processes: Process[]
  readonly callers: Caller[] = []
  /** The time of the last sign-out, in milliseconds. */
  signedOutAt = -1
  readonly #options: WorldOptions
  #started = 0
  #signIns = 0
  #openSignIns = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.clockwork = new Clockwork(options.random)
    const clock = () => this.clockwork.now
    this.server = new TokenServer(options.server, options.refreshResponse, clock)
    this.record = new SharedRecord(this.clockwork)
    this.processes = Array.from({ length: options.processes }, () => this.#start())
  }

  /** Runs all operations and timers until no caller waits. Returns false if that does not end. */
  rest(): Promise<boolean> {
    const isOpen = ({ process, waited }: Caller) => process.state === 'awake' && waited === undefined
    return this.clockwork.rest(() => this.#pendingChanges > 0 || this.callers.some(isOpen))
  }

  async ask(process: Process, rejected?: string): Promise<Caller> {
    const { clockwork, server } = this
    // A pool has evicted the session, which knows its token only from the store.
    if (process.session.state.status === 'unknown') process.lastTokenUntil = 0
    const { session, name, isSignedOut, lastToken: before, lastTokenUntil } = process
    const isJoining = clockwork.pending.some(
      ({ actor, kind }) => actor === process && kind !== 'notification' && kind !== 'revoke',
    )
    const caller: Caller = { process, rejected, replaced: new Set(process.replaced), isJoining, before }
    this.callers.push(caller)
    clockwork.log.push(`${name}: getToken ${rejected ?? ''}`)
    const calledAt = clockwork.now
    const getToken = async () => {
      try {
        const token = await session.getToken({ rejected })
        const { access_token } = token
        clockwork.log.push(`${name}: returns ${access_token}`)
        process.lastToken = access_token
        process.lastTokenUntil = clockwork.now + token.expires_in * 1000
        const remaining = server.remaining(access_token)
        Object.assign(caller, { token, remaining, isSignedOut: isSignedOut && process.isSignedOut })
      } catch (error) {
        clockwork.log.push(`${name}: throws ${error}`)
        Object.assign(caller, { error, remainingBefore: lastTokenUntil - clockwork.now })
      }
      caller.waited = clockwork.now - calledAt
    }
    await clockwork.turn(process, () => void getToken())
    return caller
  }

  /** Signs in, passes the token to `setToken`, and returns it. */
  async signIn(process: Process): Promise<TokenInfo> {
    const token = this.server.signIn(this.#options.application !== 'jwt')
    process.received.set(token.refresh_token ?? '', this.clockwork.now)
    this.clockwork.log.push(`${process.name}: setToken ${token.access_token}`)
    this.#signIns++
    this.#openSignIns++
    for (const each of this.processes) each.isSignedOut = false
    await this.#change(
      process,
      () => process.session.setToken(token),
      () => {
        this.#openSignIns--
      },
    )
    return token
  }

  async signOut(process: Process): Promise<void> {
    this.signedOutAt = this.clockwork.now
    this.clockwork.log.push(`${process.name}: signOut`)
    // A concurrent sign-in may be written after the sign-out.
    const signIns = this.#openSignIns === 0 ? this.#signIns : undefined
    await this.#change(
      process,
      () => process.session.signOut(),
      (isDone) => {
        if (isDone) process.isSignedOut = this.#signIns === signIns
      },
    )
  }

  /** Runs operations until all calls of `setToken` and `signOut` have ended. */
  async endChanges(): Promise<void> {
    while (this.#pendingChanges > 0) {
      const [operation] = this.clockwork.pending
      if (!operation) return
      await this.clockwork.work(operation, true)
    }
  }

  /** Suspends a process with its operations and timers. */
  freeze(process: Process): void {
    this.clockwork.log.push(`${process.name} is frozen`)
    process.state = 'frozen'
  }

  async wakeAll(): Promise<void> {
    this.clockwork.log.push('all processes wake up')
    for (const process of this.processes) process.state = 'awake'
    await this.clockwork.pass(0)
  }

  async evict(process: Process): Promise<void> {
    this.clockwork.log.push(`${process.name} evicts the session`)
    await this.clockwork.turn(process, () => process.evict())
  }

  /** Kills a process, and starts another one. */
  kill(process: Process): void {
    process.state = 'killed'
    this.clockwork.drop(process)
    const next = this.#start()
    this.processes[this.processes.indexOf(process)] = next
    this.clockwork.log.push(`${process.name} is killed, ${next.name} starts`)
  }

  async close(): Promise<void> {
    for (const process of this.processes) await this.clockwork.turn(process, () => process.close())
  }

  get #pendingChanges(): number {
    return this.processes.reduce((sum, { pendingChanges }) => sum + pendingChanges, 0)
  }

  #start(): Process {
    const { clockwork, server, record } = this
    const isRejected = (access_token: string) =>
      this.callers.some(({ rejected }) => rejected === access_token)
    const name = String.fromCharCode(65 + this.#started++)
    return startProcess(name, this.#options, { clockwork, server, record, isRejected })
  }

  async #change(process: Process, run: () => Promise<unknown>, onEnd: (isDone: boolean) => void) {
    process.pendingChanges++
    const end = (isDone: boolean) => {
      process.pendingChanges--
      onEnd(isDone)
    }
    const change = () => {
      run().then(
        () => end(true),
        () => end(false),
      )
    }
    await this.clockwork.turn(process, change)
  }
}
