import { measure } from 'mitata'
import { expect, it, vi } from 'vitest'
import { timeFunction } from './time-function.ts'

vi.mock('mitata', { spy: true })

type Stats = Awaited<ReturnType<typeof measure>>

const settings = { rounds: 1, time: 0, isSmoke: true }
const named = { name: 'ours', role: 'ours', packages: ['mitata'] } as const

it('refuses a function that does not do the work', async () => {
  let token = ''
  const run = async () => token
  const contender = timeFunction({ ...named, run, isRight: (given) => given === 'token' }, settings)
  await expect(contender.check?.()).rejects.toThrow('ours did not do the work')
  token = 'token'
  await contender.check?.()
})

it('throws where the function throws', async () => {
  const run = () => Promise.reject(new Error('no token'))
  for (const atOnce of [1, 16]) {
    const contender = timeFunction({ ...named, run, isRight: () => true }, settings, atOnce)
    await expect(contender.check?.()).rejects.toThrow('no token')
    await expect(contender.measure()).rejects.toThrow('no token')
  }
})

it('calls it one or so many at a time', async () => {
  for (const atOnce of [1, 16]) {
    let running = 0
    let most = 0
    const run = async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
    }
    await timeFunction({ ...named, run, isRight: () => true }, settings, atOnce).measure()
    expect(most).toBe(atOnce)
  }
})

it('gives the time of one, and takes none of those before all is compiled', async () => {
  vi.mocked(measure).mockResolvedValueOnce({ p50: 1e9 } as Stats)
  vi.mocked(measure).mockResolvedValueOnce({ p50: 6400 } as Stats)
  vi.mocked(measure).mockResolvedValueOnce({ p50: 12_800 } as Stats)
  const thorough = { rounds: 2, time: 150, isSmoke: false }
  const { measure: ofRound } = timeFunction({ ...named, run: Date.now, isRight: Boolean }, thorough, 16)
  expect([await ofRound(), await ofRound()]).toEqual([100, 200])
})
