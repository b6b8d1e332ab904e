import type { Contender, MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureEachOfOurs } from '../../harness/measure-variants.ts'
import { type AskedProcess, startProcess } from '../../harness/request-process.ts'
import { spreadOf } from '../../harness/statistics.ts'
import { openPlaces, type SharedPlace } from '../store-backends.ts'
import type { Application, CallersAnswer, CallersOrder, DomainAnswer, DomainOrder } from './messages.ts'
import { openSharedSession } from './shared-session.ts'

type DomainProcess = AskedProcess<DomainOrder, DomainAnswer>
type CallersProcess = AskedProcess<CallersOrder, CallersAnswer>

/** A token of the domain lives for two of these three hours, and a refresh token for seven days. In milliseconds. */
const untilExpired = 3 * 3_600_000

/** Asks in many processes at once for the token of a session that they share, and that has just expired. */
export async function manyCallers(settings: Settings): Promise<MeasuredWork[]> {
  const count = settings.isSmoke ? 2 : 8
  const callers = settings.isSmoke ? 5 : 50
  const { places, close } = await openPlaces()
  const domain: DomainProcess = startProcess(new URL('emulator-process.ts', import.meta.url))
  const processes: CallersProcess[] = Array.from({ length: count }, () =>
    startProcess(new URL('callers-process.ts', import.meta.url)),
  )
  try {
    let ahead = 0
    const expire = async () => {
      ahead += untilExpired
      await domain.ask({ advance: untilExpired })
      return ahead
    }
    const works = []
    for (const place of places) {
      const { application } = await signIn(domain, place)
      const run = async () => {
        const order = { application, place, callers, ahead: await expire() }
        return refreshOnce(domain, processes, order)
      }
      const packages = ['@pds/session', '@pds/auth-oauth', '@pds/core', ...place.packages]
      const ours = timeRuns({ name: 'session.getAccessToken', role: 'ours', packages }, 3, run, settings)
      works.push({
        // Those of a whole run: what there is less of in a smoke run says nothing anyway.
        name: `400 callers in 8 processes, expired, on ${place.name}`,
        ours,
      })
    }
    const refresh = await bareRefresh(domain)
    const limit = { name: 'one HTTP round trip', role: 'limit', packages: [] } as const
    const others = [timeRuns(limit, 15, refresh, settings)]
    return await measureEachOfOurs('ns', works, others, settings)
  } finally {
    await Promise.all([domain, ...processes].map((each) => each.end()))
    await close()
  }
}

/** Keeps a token of the domain at a place. */
async function signIn(domain: DomainProcess, place: SharedPlace): Promise<{ application: Application }> {
  const { application, token } = await domain.ask({ signIn: true })
  if (!token) throw new Error('nobody has signed in')
  const { session, close } = openSharedSession(application, place, Date.now)
  await session.setToken(token)
  await close()
  return { application }
}

/** How long it takes until all callers have the same new token, for which one refresh was sent. In milliseconds. */
async function refreshOnce(
  domain: DomainProcess,
  processes: readonly CallersProcess[],
  order: CallersOrder,
): Promise<number> {
  const before = await domain.ask({})
  const started = performance.now()
  const answers = await Promise.all(processes.map((each) => each.ask(order)))
  const took = performance.now() - started
  const after = await domain.ask({})
  const tokens = answers.flatMap(({ tokens }) => tokens)
  const sent = after.refreshes - before.refreshes
  const different = new Set(tokens).size
  if (tokens.length !== processes.length * order.callers || different !== 1 || sent !== 1) {
    throw new Error(`${tokens.length} callers got ${different} tokens for ${sent} refreshes`)
  }
  return took
}

/** Refreshes the token of another sign-in, with as little as that takes, and gives for how long. In milliseconds. */
async function bareRefresh(domain: DomainProcess): Promise<() => Promise<number>> {
  const { application, token } = await domain.ask({ signIn: true })
  const { api_endpoint, ...app } = application
  let refresh_token = token?.refresh_token ?? ''
  return async () => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, ...app })
    const started = performance.now()
    const answer = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
    const next = (await answer.json()) as { refresh_token?: string }
    const took = performance.now() - started
    if (!next.refresh_token) throw new Error(`the refresh was answered with ${answer.status}`)
    refresh_token = next.refresh_token
    return took
  }
}

/** A contender that takes its own time, in milliseconds: of so many runs in a round the median counts. */
function timeRuns(
  contender: Pick<Contender, 'name' | 'role' | 'packages'>,
  runs: number,
  run: () => Promise<number>,
  { isSmoke }: Settings,
): Contender {
  return {
    ...contender,
    async check() {
      // What is opened and compiled at first is not what is measured.
      for (let index = 0; index < (isSmoke ? 0 : runs); index++) await run()
    },
    async measure() {
      const times: number[] = []
      for (let index = 0; index < (isSmoke ? 1 : runs); index++) times.push(await run())
      return spreadOf(times).median * 1e6
    },
  }
}
