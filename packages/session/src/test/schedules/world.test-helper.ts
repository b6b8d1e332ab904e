import type { TokenInfo } from '@pds/types'
import { Clockwork } from './clockwork.test-helper.ts'
import { type Process, startProcess, type WorldOptions } from './process.test-helper.ts'
import { SharedRecord } from './shared-record.test-helper.ts'
import { TokenServer } from './token-server.test-helper.ts'

/** Somebody who asks for a token. */
export interface Caller {
  readonly process: Process
  readonly rejected: string | undefined
  /** The tokens that the session knew to be replaced by others, when it was asked. */
  readonly replaced: ReadonlySet<string>
  /** Whether the session was waiting for something then, whose result the caller may get. */
  readonly isJoining: boolean
  /** What the session had given out before. */
  readonly before: string | undefined
  token?: TokenInfo
  error?: unknown
  /** How long it took, in milliseconds. */
  waited?: number
  /** How long the token was good when it was given out, in milliseconds. */
  left?: number
  /** How long the token from before had to live when there was an error instead, in milliseconds. */
  leftBefore?: number
  /** Whether the session was signed out before it was asked, with nobody who signed in since. */
  isSignedOut?: boolean
}

/** Processes that share one session, and all that can happen to them. */
export class World {
  readonly clockwork: Clockwork
  readonly server: TokenServer
  readonly record: SharedRecord
  /** Those that were not killed. */
  readonly processes: Process[]
  readonly callers: Caller[] = []
  /** When somebody signed out last. */
  signedOutAt = -1
  readonly #options: WorldOptions
  #started = 0
  #signIns = 0
  #openSignIns = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.clockwork = new Clockwork(options.random)
    const clock = () => this.clockwork.now
    this.server = new TokenServer(options.server, clock)
    this.record = new SharedRecord(this.clockwork)
    this.processes = Array.from({ length: options.processes }, () => this.#start())
  }

  /** Lets everything go on until nobody waits for anything. Gives false where that has no end. */
  rest(): Promise<boolean> {
    const isOpen = ({ process, waited }: Caller) => process.state === 'awake' && waited === undefined
    return this.clockwork.rest(() => this.#changes > 0 || this.callers.some(isOpen))
  }

  async ask(process: Process, rejected?: string): Promise<Caller> {
    const { clockwork, server } = this
    const { session, name, isSignedOut, given: before, givenUntil } = process
    const isJoining = clockwork.pending.some(
      ({ actor, kind }) => actor === process && kind !== 'hint' && kind !== 'revoke',
    )
    const caller: Caller = { process, rejected, replaced: new Set(process.replaced), isJoining, before }
    this.callers.push(caller)
    clockwork.log.push(`${name}: getToken ${rejected ?? ''}`)
    const askedAt = clockwork.now
    const ask = async () => {
      try {
        const token = await session.getToken({ rejected })
        const { access_token } = token
        clockwork.log.push(`${name}: gives ${access_token}`)
        process.given = access_token
        process.givenUntil = clockwork.now + token.expires_in * 1000
        const left = server.left(access_token)
        Object.assign(caller, { token, left, isSignedOut: isSignedOut && process.isSignedOut })
      } catch (error) {
        clockwork.log.push(`${name}: throws ${error}`)
        Object.assign(caller, { error, leftBefore: givenUntil - clockwork.now })
      }
      caller.waited = clockwork.now - askedAt
    }
    await clockwork.turn(process, () => void ask())
    return caller
  }

  /** Signs in, and gives what the session is told of it. */
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
    // A sign-in at the same time may come after it.
    const signIns = this.#openSignIns === 0 ? this.#signIns : undefined
    await this.#change(
      process,
      () => process.session.signOut(),
      (isDone) => {
        if (isDone) process.isSignedOut = this.#signIns === signIns
      },
    )
  }

  /** Goes on until all sign-ins and sign-outs have ended. */
  async endChanges(): Promise<void> {
    while (this.#changes > 0) {
      const [operation] = this.clockwork.pending
      if (!operation) return
      await this.clockwork.work(operation, true)
    }
  }

  /** Stops a process, with its timers, in the midst of what it does. */
  freeze(process: Process): void {
    this.clockwork.log.push(`${process.name} is frozen`)
    process.state = 'frozen'
  }

  async wakeAll(): Promise<void> {
    this.clockwork.log.push('all wake')
    for (const process of this.processes) process.state = 'awake'
    await this.clockwork.pass(0)
  }

  /** Ends a process without a word, and starts another one in its place. */
  kill(process: Process): void {
    process.state = 'killed'
    this.clockwork.drop(process)
    const next = this.#start()
    this.processes[this.processes.indexOf(process)] = next
    this.clockwork.log.push(`${process.name} is killed, ${next.name} starts`)
  }

  async close(): Promise<void> {
    for (const process of this.processes) await this.clockwork.turn(process, () => process.session.close())
  }

  get #changes(): number {
    return this.processes.reduce((sum, { changes }) => sum + changes, 0)
  }

  #start(): Process {
    const { clockwork, server, record } = this
    const isRefreshTokenRejected = (access_token: string) =>
      this.callers.some(({ rejected }) => rejected === access_token)
    const name = String.fromCharCode(65 + this.#started++)
    return startProcess(name, this.#options, { clockwork, server, record, isRefreshTokenRejected })
  }

  async #change(process: Process, run: () => Promise<unknown>, ended: (isDone: boolean) => void) {
    process.changes++
    const end = (isDone: boolean) => {
      process.changes--
      ended(isDone)
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
