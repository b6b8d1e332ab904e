import { conditionalStore, type LeaseHolder, type Store } from '@pds/session'
import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { memoryDatabase } from './memory-database.test-helper.ts'

const parameters = { seed: 20261201, numRuns: 300 }
const processes = 3
const ttl = 1000

/** What happens to a put: it works, its response is lost, its client retries it, or it does not reach the database. */
type Fault = 'none' | 'lost' | 'retried' | 'failed'
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fault>('none') },
  { weight: 1, arbitrary: fc.constantFrom<Fault>('lost', 'retried', 'failed') },
)
const anyStep = fc.record({
  call: fc.constantFrom('write', 'write', 'commit', 'lease', 'lease', 'release', 'advance'),
  process: fc.nat(processes - 1),
  /** The number of microtasks before the call. */
  start: fc.nat(150),
  /** The number of microtasks that each call of the database takes. */
  duration: fc.nat(12),
  fault: anyFault,
})

afterEach(() => {
  vi.restoreAllMocks()
})

it('writes each revision once and grants one lease at a time, in any order of calls and with any lost responses', async () => {
  // Pauses after conflicts end at once, so that a run depends on the seed only.
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((call: () => void) => queueMicrotask(call)) as never)
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (steps) => {
      const database = memoryDatabase()
      let now = 1_000_000
      const landed: string[] = []
      const granted: { owner: string; fence: number; until: number }[] = []
      const written: { data: string; expected: number; result: boolean | 'rejected'; isFaulty: boolean }[] =
        []
      const holders = new Map<number, LeaseHolder>()

      function open(duration: number, fault: Fault): Store {
        let next = fault
        const wait = async () => {
          for (let count = 0; count < duration; count++) await undefined
        }
        return conditionalStore<number>({
          clock: () => now,
          clockTolerance: 0,
          async get(key) {
            await wait()
            const found = database.entries.get(key)
            await wait()
            return found
          },
          async put(key, value, ifVersion) {
            const current = next
            next = 'none'
            await wait()
            if (current === 'failed') throw new Error('failed')
            const isWritten = await database.put(key, value, ifVersion)
            if (isWritten) landed.push(value)
            await wait()
            if (current === 'lost') throw new Error('lost')
            return current === 'retried' ? false : isWritten
          },
        })
      }

      const run = async (
        { call, process, start, duration, fault }: (typeof steps)[number],
        index: number,
      ) => {
        for (let count = 0; count < start; count++) await undefined
        const store = open(duration, fault)
        const owner = `process ${process}`
        const holder = holders.get(process)
        const isFaulty = fault !== 'none'
        if (call === 'advance') now += ttl
        else if (call === 'lease') {
          const lease = await store.lease('key', owner, ttl).catch(() => undefined)
          if (!lease) return
          holders.set(process, { owner, fence: lease.fence })
          granted.push({ owner, fence: lease.fence, until: now + ttl })
        } else if (call === 'release') {
          if (holder) await store.release('key', owner, holder.fence).catch(() => undefined)
        } else {
          const expected = (await store.read('key'))?.rev ?? 0
          const data = `${index}`
          const result = await store
            .compareAndSet('key', { epoch: 0, data }, expected, call === 'commit' ? holder : undefined)
            .catch(() => 'rejected' as const)
          written.push({ data, expected, result, isFaulty })
        }
      }
      await Promise.all(steps.map(run))

      const values = landed.map((text) => JSON.parse(text))
      // The store writes no value twice, so a hash of the value is a version.
      expect(new Set(landed).size).toBe(landed.length)
      // Each revision has one record, and they follow each other.
      const records = values.filter(({ rev }, index) => rev > (values[index - 1]?.rev ?? 0))
      expect(records.map(({ rev }) => rev)).toEqual(records.map((_, index) => index + 1))
      expect(values.at(-1)?.rev ?? 0).toBe(records.length)
      for (const { data, expected, result, isFaulty } of written) {
        const revs = records.filter((record) => record.data === data).map(({ rev }) => rev)
        if (result === true) expect(revs).toEqual([expected + 1])
        else if (!isFaulty) expect({ data, result, revs }).toEqual({ data, result: false, revs: [] })
      }
      // Each change of the lease has a higher fencing token.
      const fences = values.map(({ fence }) => fence)
      expect(fences).toEqual([...fences].sort((a, b) => a - b))
      const leases = values.flatMap(({ lease, fence }) =>
        lease ? [`${fence} ${lease.owner} ${lease.write}`] : [],
      )
      expect(new Set(leases).size).toBe(new Set(leases.map((each) => each.split(' ')[0])).size)
      expect(new Set(granted.map(({ fence }) => fence)).size).toBe(granted.length)
      // Another owner follows only after a release, or after the end of the lease.
      for (const [index, { lease }] of values.entries()) {
        const previous = values[index - 1]?.lease
        if (lease && previous && lease.owner !== previous.owner)
          expect(previous.until).toBeLessThanOrEqual(lease.until - ttl)
      }
    }),
    parameters,
  )
})
