import { expect, it } from 'vitest'
import { atATime } from './at-a-time.ts'

it('does it as often as it is told, so many at a time', async () => {
  let running = 0
  let most = 0
  let done = 0
  await atATime(50, 16, async () => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    done++
  })
  expect({ done, most }).toEqual({ done: 50, most: 16 })
})

it('throws what one of them has thrown', async () => {
  await expect(atATime(4, 2, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
})
