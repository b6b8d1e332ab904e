import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureVariants, type Variant } from '../../harness/measure-variants.ts'
import { type RequestProcess, startProcess } from '../../harness/request-process.ts'
import { spreadOf } from '../../harness/statistics.ts'
import { type StoreBackend, startStoreBackends } from '../store-backends.ts'
import type {
  Application,
  CallersRequest,
  CallersResponse,
  EmulatorRequest,
  EmulatorResponse,
} from './messages.ts'
import { openSharedSession } from './shared-session.ts'

type EmulatorProcess = RequestProcess<EmulatorRequest, EmulatorResponse>
type CallersProcess = RequestProcess<CallersRequest, CallersResponse>

/** Three hours in milliseconds. Access tokens of the emulator expire after two hours, refresh tokens after seven days. */
const untilExpired = 3 * 3_600_000

/** Measures how long many callers in many processes wait for the token of a shared session that has just expired. */
export async function concurrentRefresh(settings: Settings): Promise<BenchmarkResult[]> {
  const count = settings.isSmoke ? 2 : 8
  const callers = settings.isSmoke ? 5 : 50
  const { backends, close } = await startStoreBackends()
  const emulator: EmulatorProcess = startProcess(new URL('emulator-process.ts', import.meta.url))
  const processes: CallersProcess[] = Array.from({ length: count }, () =>
    startProcess(new URL('callers-process.ts', import.meta.url)),
  )
  try {
    let clockOffset = 0
    const expireToken = async () => {
      clockOffset += untilExpired
      await emulator.request({ advance: untilExpired })
    }
    const variants: Variant[] = []
    for (const backend of backends) {
      const application = await signIn(emulator, backend)
      const run = async () => {
        await expireToken()
        return refreshOnce(emulator, processes, { application, backend, callers, clockOffset })
      }
      const packages = ['@pds/session', '@pds/auth-oauth', '@pds/core', ...backend.packages]
      const ours = timeRuns({ name: 'session.getAccessToken', role: 'ours', packages }, 3, run, settings)
      // The numbers of a complete run. A smoke run has fewer callers and processes.
      variants.push({ name: `Refresh for 400 callers in 8 processes, ${backend.name} store`, ours })
    }
    const refresh = await bareRefresh(emulator)
    const baseline = { name: 'one HTTP round trip', role: 'baseline', packages: [] } as const
    const others = [timeRuns(baseline, 15, refresh, settings)]
    return await measureVariants('ns', variants, others, settings)
  } finally {
    try {
      await Promise.all([emulator, ...processes].map(({ end }) => end()))
    } finally {
      await close()
    }
  }
}

/** Stores a token of the emulator in a session on the backend. */
async function signIn(emulator: EmulatorProcess, backend: StoreBackend): Promise<Application> {
  const { application, token } = await emulator.request({ signIn: true })
  if (!token) throw new Error('the emulator returned no token for the sign-in')
  const { session, close } = openSharedSession(application, backend, Date.now)
  await session.setToken(token)
  await close()
  return application
}

/**
 * Returns the time until all callers have the new token, in milliseconds. Throws unless they all have the same token and
 * the session has sent exactly one refresh request.
 */
async function refreshOnce(
  emulator: EmulatorProcess,
  processes: readonly CallersProcess[],
  callersRequest: CallersRequest,
): Promise<number> {
  const before = await emulator.request({})
  const started = performance.now()
  const responses = await Promise.all(processes.map(({ request }) => request(callersRequest)))
  const duration = performance.now() - started
  const after = await emulator.request({})
  const tokens = responses.flatMap(({ tokens }) => tokens)
  const sent = after.refreshes - before.refreshes
  const different = new Set(tokens).size
  if (tokens.length !== processes.length * callersRequest.callers || different !== 1 || sent !== 1) {
    throw new Error(`${tokens.length} callers got ${different} tokens from ${sent} refresh requests`)
  }
  return duration
}

/** Returns a function that refreshes the token of another sign-in with plain fetch, and returns the time in milliseconds. */
async function bareRefresh(emulator: EmulatorProcess): Promise<() => Promise<number>> {
  const { application, token } = await emulator.request({ signIn: true })
  const { api_endpoint, ...app } = application
  let refresh_token = token?.refresh_token ?? ''
  return async () => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, ...app })
    const started = performance.now()
    const response = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
    const next = (await response.json()) as { refresh_token?: string }
    const duration = performance.now() - started
    if (!next.refresh_token) throw new Error(`the refresh failed with status ${response.status}`)
    refresh_token = next.refresh_token
    return duration
  }
}

/** Returns a candidate for a function that returns its own time in milliseconds. Each round takes the median of its runs. */
function timeRuns(
  candidate: Pick<Candidate, 'name' | 'role' | 'packages'>,
  runs: number,
  run: () => Promise<number>,
  { isSmoke }: Settings,
): Candidate {
  return {
    ...candidate,
    async check() {
      // The first runs open connections and include compilation, so they do not count.
      for (let index = 0; index < (isSmoke ? 0 : runs); index++) await run()
    },
    async measure() {
      const times: number[] = []
      for (let index = 0; index < (isSmoke ? 1 : runs); index++) times.push(await run())
      return spreadOf(times).median * 1e6
    },
  }
}
