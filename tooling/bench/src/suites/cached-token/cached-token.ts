import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, memoryStore, type Store } from '@pds/session'
import type { Contender, MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureEachOfOurs } from '../../harness/measure-variants.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { startServer } from '../../servers/start-server.ts'
import { application, user_id } from '../jwt/signing-key.ts'
import { openPlaces, openStore } from '../store-backends.ts'
import { type WatchedStore, watchStore } from './monitored-store.ts'
import { googleClient, msalApplication } from './other-clients.ts'

/** What the server gives to all of them. */
interface Kept {
  access_token: string
}

/** Asks for a token that is there and valid, of a session on each store. */
export async function hotSession(settings: Settings): Promise<MeasuredWork[]> {
  const server = await startServer('token-server')
  const { places, close } = await openPlaces()
  const opened = places.map((place) => ({ ...place, ...openStore(place) }))
  try {
    const address = `${server.endpoint}/v2/oauth/token`
    const kept = (await (await fetch(address, { method: 'POST' })).json()) as Kept
    const stores = [{ name: 'memory', store: memoryStore(), packages: [] }, ...opened]
    const sessions = stores.map(({ name, store, packages }) => ({
      name,
      ...openSession(server.endpoint, store, packages, kept, settings),
    }))
    const works = sessions.map(({ name, ours }) => ({
      name: `a valid token from a session, hot, on ${name}`,
      ours,
      targets: name === 'memory' ? [{ of: ours.name, below: 2000 }] : [],
    }))
    const others = otherContenders(address, kept, settings)
    const measured = await measureEachOfOurs('ns', works, others, settings)
    for (const { session, watched } of sessions) {
      watched.check()
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
  kept: Kept,
  settings: Settings,
) {
  const watched = watchStore(store)
  const transport = createTransport({ api_endpoint })
  const grant = jwtGrant({ transport, ...application, user_id })
  const session = createSession({ key: user_id, grant, store: watched.store })
  const timed = timeFunction(
    {
      name: 'session.getAccessToken',
      role: 'ours',
      packages: ['@pds/session', '@pds/auth-jwt', '@pds/core', ...packages],
      run: () => session.getAccessToken(),
      isRight: (token) => token === kept.access_token,
    },
    settings,
  )
  const ours: Contender = { ...timed, check: () => checkHot(timed, watched) }
  return { session, watched, ours }
}

/** A session that has just got its token looks once more, and leaves its store alone from then on. */
async function checkHot({ check }: Contender, watched: WatchedStore): Promise<void> {
  await check?.()
  await check?.()
  watched.expectRest()
  for (let calls = 0; calls < 1000; calls++) await check?.()
  watched.check()
}

function otherContenders(address: string, kept: Kept, settings: Settings): Contender[] {
  const google = googleClient(kept.access_token)
  const msal = msalApplication(address)
  // What it obtains an application's token for: any will do.
  const request = { scopes: ['https://graph.microsoft.com/.default'] }
  return [
    timeFunction(
      {
        name: 'google-auth-library',
        role: 'peer',
        packages: ['google-auth-library'],
        run: () => google.getAccessToken(),
        isRight: ({ token }) => token === kept.access_token,
      },
      settings,
    ),
    timeFunction(
      {
        name: '@azure/msal-node',
        role: 'peer',
        packages: ['@azure/msal-node'],
        run: () => msal.acquireTokenByClientCredential(request),
        isRight: (result) => result?.accessToken === kept.access_token,
      },
      settings,
    ),
    timeFunction(
      {
        // As the others, a function that gives a promise.
        name: 'a property read, awaited',
        role: 'limit',
        packages: [],
        run: async () => kept.access_token,
        isRight: Boolean,
      },
      settings,
    ),
  ]
}
