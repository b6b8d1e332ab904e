import { measure } from 'mitata'
import { expect, it, vi } from 'vitest'
import { timeFunction } from './time-function.ts'

vi.mock('mitata', { spy: true })

type Stats = Awaited<ReturnType<typeof measure>>

const settings = { rounds: 1, minTime: 0, isSmoke: true }
const named = { name: 'ours', role: 'ours', packages: ['mitata'] } as const

it('rejects a function with an unexpected result', async () => {
  let token = ''
  const run = async () => token
  const candidate = timeFunction({ ...named, run, isExpected: (result) => result === 'token' }, settings)
  await expect(candidate.check?.()).rejects.toThrow('ours returned an unexpected result')
  token = 'token'
  await candidate.check?.()
})

it('throws the error of the function', async () => {
  const run = () => Promise.reject(new Error('no token'))
  for (const concurrency of [1, 16]) {
    const candidate = timeFunction({ ...named, run, isExpected: () => true }, settings, concurrency)
    await expect(candidate.check?.()).rejects.toThrow('no token')
    await expect(candidate.measure()).rejects.toThrow('no token')
  }
})

it('makes the given number of concurrent calls', async () => {
  for (const concurrency of [1, 16]) {
    let running = 0
    let most = 0
    let calls = 0
    const run = async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      calls++
    }
    await timeFunction({ ...named, run, isExpected: () => true }, settings, concurrency).measure()
    expect(most).toBe(concurrency)
    expect(calls % concurrency).toBe(0)
  }
})

it('returns the median time of one call, and ignores the first measurement, which includes compilation', async () => {
  vi.mocked(measure).mockResolvedValueOnce({ p50: 1e9 } as Stats)
  vi.mocked(measure).mockResolvedValueOnce({ p50: 6400 } as Stats)
  vi.mocked(measure).mockResolvedValueOnce({ p50: 12_800 } as Stats)
  const thorough = { rounds: 2, minTime: 150, isSmoke: false }
  const { measure: measureRound } = timeFunction(
    { ...named, run: Date.now, isExpected: Boolean },
    thorough,
    16,
  )
  expect([await measureRound(), await measureRound()]).toEqual([100, 200])
})
