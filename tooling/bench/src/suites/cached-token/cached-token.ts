import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, type Store } from '@pds/session'
import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureVariants } from '../../harness/measure-variants.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { sampleToken, startTokenServer } from '../../servers/token-server.ts'
import { application, user_id } from '../jwt/jwt-application.ts'
import { memoryBackend, openStore, startStoreBackends } from '../store-backends.ts'
import { type MonitoredStore, monitorStore } from './monitored-store.ts'
import { createGoogleClient, createMsalClient } from './other-clients.ts'

type Token = ReturnType<typeof sampleToken>

/** Measures getting a valid token from a session that has cached it, with each store. */
export async function cachedToken(settings: Settings): Promise<BenchmarkResult[]> {
  const server = await startTokenServer()
  const { backends, close } = await startStoreBackends()
  const opened = [memoryBackend, ...backends].map((backend) => ({ ...backend, ...openStore(backend) }))
  try {
    const token = sampleToken('user-1')
    const sessions = opened.map(({ name, store, packages }) => ({
      name,
      ...openSession(server.endpoint, store, packages, token, settings),
    }))
    const variants = sessions.map(({ name, ours }) => ({
      name: `Cached token from a session, ${name} store`,
      ours,
      targets: name === 'memory' ? [{ maxMedian: 2000 }] : [],
    }))
    const others = otherCandidates(`${server.endpoint}/v2/oauth/token`, token, settings)
    const measured = await measureVariants('ns', variants, others, settings)
    for (const { session, monitored } of sessions) {
      monitored.check()
      session.close()
    }
    return measured
  } finally {
    for (const { close } of opened) await close()
    await close()
    await server.close()
  }
}

function openSession(
  api_endpoint: string,
  store: Store,
  packages: readonly string[],
  { access_token }: Token,
  settings: Settings,
) {
  const monitored = monitorStore(store)
  const transport = createTransport({ api_endpoint })
  const grant = jwtGrant({ transport, ...application, user_id })
  const session = createSession({ key: user_id, grant, store: monitored.store })
  const timed = timeFunction(
    {
      name: 'session.getAccessToken',
      role: 'ours',
      packages: ['@pds/session', '@pds/auth-jwt', '@pds/core', ...packages],
      run: () => session.getAccessToken(),
      isExpected: (result) => result === access_token,
    },
    settings,
  )
  const ours: Candidate = { ...timed, check: () => checkCached(timed, monitored) }
  return { session, monitored, ours }
}

/** Throws if a session with a cached token calls its store. The second call after a refresh still reads the store. */
async function checkCached({ check }: Candidate, monitored: MonitoredStore): Promise<void> {
  await check?.()
  await check?.()
  monitored.expectCached()
  for (let calls = 0; calls < 1000; calls++) await check?.()
  monitored.check()
}

function otherCandidates(tokenUrl: string, token: Token, settings: Settings): Candidate[] {
  const { access_token } = token
  const google = createGoogleClient(access_token)
  const msal = createMsalClient(tokenUrl)
  // Any scope will do.
  const request = { scopes: ['https://graph.microsoft.com/.default'] }
  return [
    timeFunction(
      {
        name: 'google-auth-library',
        role: 'other',
        packages: ['google-auth-library'],
        run: () => google.getAccessToken(),
        isExpected: (result) => result.token === access_token,
      },
      settings,
    ),
    timeFunction(
      {
        name: '@azure/msal-node',
        role: 'other',
        packages: ['@azure/msal-node'],
        run: () => msal.acquireTokenByClientCredential(request),
        isExpected: (result) => result?.accessToken === access_token,
      },
      settings,
    ),
    timeFunction(
      {
        // In an async function, like the others.
        name: 'awaited property read',
        role: 'baseline',
        packages: [],
        run: async () => token.access_token,
        isExpected: Boolean,
      },
      settings,
    ),
  ]
}
