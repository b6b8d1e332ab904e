import type { Contender, MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureEachOfOurs } from '../../harness/measure-variants.ts'
import { startProcess } from '../../harness/request-process.ts'
import type { IdleAnswer, IdleOrder } from './messages.ts'
import { tokenOf } from './token-of.ts'

/** How much memory a session takes that has its token and is not used. */
export async function idleSessions(settings: Settings): Promise<MeasuredWork[]> {
  const count = settings.isSmoke ? 200 : 10_000
  const ours = (hasOneStore: boolean): Contender => ({
    name: 'createSession',
    role: 'ours',
    packages: ['@pds/session', '@pds/auth-jwt', '@pds/core'],
    measure: () => measureMemory({ count, hasOneStore }),
  })
  // That of a whole run: what there is less of in a smoke run says nothing anyway.
  const name = 'memory of an idle session, of 10,000'
  const works = [
    { name: `${name} with a store each`, ours: ours(false) },
    { name: `${name} in one memoryStore`, ours: ours(true) },
  ]
  const limit: Contender = {
    name: 'its token as JSON',
    role: 'limit',
    packages: [],
    measure: async () => Buffer.byteLength(tokenOf('user-000001')),
  }
  // Unlike a time it is nearly the same in each round.
  const rounds = Math.min(settings.rounds, 3)
  return measureEachOfOurs('bytes', works, [limit], { ...settings, rounds })
}

/** In a process of its own, where nothing else is. Gives bytes for each session. */
async function measureMemory(order: IdleOrder): Promise<number> {
  const file = new URL('idle-sessions-process.ts', import.meta.url)
  const idle = startProcess<IdleOrder, IdleAnswer>(file, ['--expose-gc'])
  try {
    const { bytes } = await idle.ask(order)
    return bytes
  } finally {
    await idle.end()
  }
}
