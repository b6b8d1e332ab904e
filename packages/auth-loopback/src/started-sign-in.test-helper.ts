import { once } from 'node:events'
import { connect } from 'node:net'
import {
  type BrowserSignInParams,
  type SignInWithBrowserOptions,
  signInWithBrowser,
} from '@pds/auth-loopback'
import { createTransport, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { ITokenInfo } from '@pds/types'
import { afterAll, afterEach, vi } from 'vitest'

/** A sign-in that waits for its callback. */
export interface StartedSignIn {
  /** The URL of the sign-in page. */
  url: URL
  /** The redirect URI, with the port of the server. */
  redirectUri: URL
  state: string
  token: Promise<ITokenInfo>
  /** Returns the URL of a callback with these parameters. Default: the right state. */
  callback(params: Record<string, string>): URL
  /** Approves, as the user of the emulator. Returns the response that the browser shows. */
  approve(init?: RequestInit): Promise<Response>
  /** Approves, but does not follow the redirect. Returns the URL of the callback. */
  approveOnly(): Promise<URL>
}

type Params = Partial<BrowserSignInParams>

/** An emulator with the user `ann` and a native application. */
export interface Domain {
  emulator: RunningEmulator
  /** Starts a sign-in, and waits until its address is printed. */
  start(options?: SignInWithBrowserOptions, params?: Params, transport?: PDSTransport): Promise<StartedSignIn>
  /** Returns the number of token requests that have arrived. */
  exchanges(): number
  close(): Promise<void>
}

/** Starts a domain. The native application may use any port, and these ports of localhost. */
export async function startDomain(...localhostPorts: number[]): Promise<Domain> {
  const emulator = await startEmulator({
    users: [{ user_id: 'ann', user_name: 'Ann' }],
    apps: [
      {
        type: 'native',
        client_id: 'native-app',
        redirect_uris: [
          'http://127.0.0.1:1/callback',
          'http://[::1]:1/callback',
          ...localhostPorts.map((port) => `http://localhost:${port}/callback`),
        ],
      },
    ],
  })
  const ownTransport = createTransport({ api_endpoint: emulator.api_endpoint, retryCount: 0 })
  return {
    emulator,
    start: (options = {}, params = {}, transport = ownTransport) => startSignIn(transport, options, params),
    exchanges: () => emulator.requests.filter(({ grant }) => grant === 'authorization_code').length,
    close: () => emulator.close(),
  }
}

/** Starts a domain for the tests of a file. Removes its requests and faults, and all mocks, after each test. */
export async function useDomain(): Promise<Domain> {
  const domain = await startDomain()
  afterEach(() => {
    vi.restoreAllMocks()
    domain.emulator.clearRequests()
    domain.emulator.clearFaults()
  })
  afterAll(() => domain.close())
  return domain
}

/** A transport that holds its requests back. */
export interface GatedTransport {
  transport: PDSTransport
  /** Resolves when a request waits. */
  waiting: Promise<void>
  /** Sends the requests. */
  open(): void
}

/** Creates a transport that sends its requests when `open` is called. */
export function createGatedTransport({ api_endpoint }: RunningEmulator): GatedTransport {
  let open = () => {}
  let wait = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const waiting = new Promise<void>((resolve) => {
    wait = resolve
  })
  const transport = createTransport({
    api_endpoint,
    retryCount: 0,
    async fetch(...args) {
      wait()
      await opened
      return fetch(...args)
    },
  })
  return { transport, waiting, open }
}

async function startSignIn(
  transport: PDSTransport,
  options: SignInWithBrowserOptions,
  params: Params,
): Promise<StartedSignIn> {
  let print = (_url: string) => {}
  const printed = new Promise<string>((resolve) => {
    print = resolve
  })
  const token = signInWithBrowser(
    transport,
    { client_id: 'native-app', ...params },
    {
      openBrowser: false,
      ...options,
      onAddress(address) {
        options.onAddress?.(address)
        print(address.url)
      },
    },
  )
  // A sign-in that fails at the start prints no address.
  const url = new URL(await Promise.race([printed, token.then(() => '')]))
  const redirectUri = new URL(url.searchParams.get('redirect_uri') ?? '')
  const state = url.searchParams.get('state') ?? ''
  const approval = new URL(url)
  approval.searchParams.set('user_id', 'ann')
  return {
    url,
    redirectUri,
    state,
    token,
    callback(given) {
      const callback = new URL(redirectUri)
      callback.search = String(new URLSearchParams({ state, ...given }))
      return callback
    },
    approve: (init = {}) => fetch(approval, init),
    async approveOnly() {
      const { headers } = await fetch(approval, { redirect: 'manual' })
      return new URL(headers.get('location') ?? '')
    },
  }
}

/** Connects to the server of a redirect URI. Returns the error code, or `connected`. */
export async function connectTo({ hostname, port }: URL): Promise<string> {
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''))
  return once(socket, 'connect').then(
    () => 'connected',
    ({ code }) => code,
  )
}
