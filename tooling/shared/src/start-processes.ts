import { availableParallelism } from 'node:os'

/** Starts several processes, at most one per core at a time: a process is busy while it loads its modules. */
export async function startProcesses<Started>(
  count: number,
  start: () => Promise<Started>,
): Promise<Started[]> {
  const started: Started[] = []
  while (started.length < count) {
    const next = Math.min(availableParallelism(), count - started.length)
    started.push(...(await Promise.all(Array.from({ length: next }, start))))
  }
  return started
}
