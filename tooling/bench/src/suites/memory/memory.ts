import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureVariants } from '../../harness/measure-variants.ts'
import { startProcess } from '../../harness/request-process.ts'
import { sampleToken } from '../../servers/token-server.ts'
import { sessionPackages } from '../many-users/session-of-user.ts'

/** A request to the process with idle sessions. */
export interface MemoryRequest {
  /** The number of sessions. */
  count: number
  kind: SessionKind
}

/** Sessions of `createSession` with a memory store each or with one memory store, or the sessions of a pool. */
export type SessionKind = 'own stores' | 'one store' | 'pool with memoryStore' | 'pool with sqliteStore'

export interface MemoryResponse {
  /** The growth of the memory of the process per session, in bytes. */
  bytes: number
}

/** Measures the memory of a session that has its token and is not used any more. */
export async function memory(settings: Settings): Promise<BenchmarkResult[]> {
  const count = settings.isSmoke ? 200 : 10_000
  const ours = (kind: SessionKind, name = 'createSessions'): Candidate => ({
    name,
    role: 'ours',
    packages:
      kind === 'pool with sqliteStore' ? [...sessionPackages, '@pds/session-sqlite'] : sessionPackages,
    measure: () => measureMemory({ count, kind }),
  })
  const targets = [{ maxMedian: 6000 }]
  // The number of a complete run. A smoke run has fewer sessions.
  const name = 'Memory of an idle session, 10,000 sessions'
  const variants = [
    { name: `${name} with one store each`, ours: ours('own stores', 'createSession') },
    { name: `${name} in one memoryStore`, ours: ours('one store', 'createSession') },
    { name: `${name} in a pool with memoryStore`, ours: ours('pool with memoryStore'), targets },
    { name: `${name} in a pool with sqliteStore`, ours: ours('pool with sqliteStore'), targets },
  ]
  const baseline: Candidate = {
    name: 'the token as JSON',
    role: 'baseline',
    packages: [],
    measure: async () => Buffer.byteLength(JSON.stringify(sampleToken('user-000001', 'user-000001'))),
  }
  // Unlike times, memory is nearly the same in each round.
  const rounds = Math.min(settings.rounds, 3)
  return measureVariants('bytes', variants, [baseline], { ...settings, rounds })
}

/** Returns the bytes per session, measured in a new process. */
async function measureMemory(memoryRequest: MemoryRequest): Promise<number> {
  const file = new URL('idle-sessions-process.ts', import.meta.url)
  const { request, end } = startProcess<MemoryRequest, MemoryResponse>(file, ['--expose-gc'])
  try {
    const { bytes } = await request(memoryRequest)
    return bytes
  } finally {
    await end()
  }
}
