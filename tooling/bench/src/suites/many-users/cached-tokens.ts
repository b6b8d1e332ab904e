import type { Sessions } from '@pds/session'
import type { OAuth2Client } from 'google-auth-library'
import { seededRandom } from '../../../../shared/src/seeded-random.ts'
import type { BenchmarkResult, Candidate, Role, Settings } from '../../harness/benchmark.ts'
import { measureVariants } from '../../harness/measure-variants.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { createGoogleClient } from '../cached-token/other-clients.ts'
import { memoryBackend, openStore, startStoreBackends } from '../store-backends.ts'
import { forEachUser, obtainToken, openPool, sessionPackages, userId } from './session-of-user.ts'

/** Measures getting a valid token of one of the many users of a pool, in random order, with each store. */
export async function cachedTokens(settings: Settings): Promise<BenchmarkResult[]> {
  const count = settings.isSmoke ? 50 : 10_000
  const order = shuffledIndexes(count)
  const user_ids = order.map((_, index) => userId(index))
  const { backends, close } = await startStoreBackends()
  const opened = [memoryBackend, ...backends].map((backend) => ({ ...backend, ...openStore(backend) }))
  const pools: Sessions[] = []
  try {
    const variants = []
    for (const { name, store, packages } of opened) {
      const users = openPool(store, count)
      pools.push(users)
      await obtainTokens(users, count)
      const get = (index: number) => users.get(user_ids[index] as string).getAccessToken()
      const ours = inOrder('users.get(id).getAccessToken', 'ours', [...sessionPackages, ...packages], get)
      // The number of a complete run. A smoke run has fewer users.
      variants.push({ name: `Cached token of 10,000 users in random order, ${name} store`, ours })
    }
    return await measureVariants('ns', variants, await otherCandidates(), settings)
  } finally {
    for (const users of pools) await users.close()
    for (const each of opened) await each.close()
    await close()
  }

  /** Returns a candidate that gets the token of the next user of the order in each call. */
  function inOrder(
    name: string,
    role: Role,
    packages: readonly string[],
    get: (index: number) => Promise<string | null | undefined>,
  ): Candidate {
    let calls = 0
    const nextIndex = () => order[calls++ % count] as number
    const run = () => get(nextIndex())
    const timed = timeFunction({ name, role, packages, run, isExpected: Boolean }, settings)
    const check = async () => {
      for (let index = 0; index < count; index++) {
        const token = await get(index)
        if (!token?.startsWith(userId(index))) throw new Error(`${name} returned the token of another user`)
      }
    }
    const measure = async () => {
      // A session reads its record every 5 seconds. The measured calls come soon after that.
      await forEachUser(count, async (index) => void (await get(index)))
      return timed.measure()
    }
    return { ...timed, check, measure }
  }

  async function otherCandidates(): Promise<Candidate[]> {
    const tokens = await Promise.all(order.map((_, index) => obtainToken(userId(index))))
    const clients = tokens.map(({ access_token }) => createGoogleClient(access_token))
    const google = async (index: number) => (await (clients[index] as OAuth2Client).getAccessToken()).token
    // In an async function, like the others.
    const read = async (index: number) => tokens[index]?.access_token
    return [
      inOrder('google-auth-library', 'other', ['google-auth-library'], google),
      inOrder('awaited property read', 'baseline', [], read),
    ]
  }
}

/** Makes the sessions of a pool cache their tokens. */
async function obtainTokens(users: Sessions, count: number): Promise<void> {
  await forEachUser(count, async (index) => {
    const session = users.get(userId(index))
    await session.getAccessToken()
    // The second call after a renewal still reads the store.
    await session.getAccessToken()
  })
}

/** Returns the numbers from 0 in random order, which is the same in each run. */
function shuffledIndexes(count: number): number[] {
  const random = seededRandom(20_261_130)
  const weighted = Array.from({ length: count }, (_, index) => ({ index, weight: random() }))
  return weighted.sort((a, b) => a.weight - b.weight).map(({ index }) => index)
}
