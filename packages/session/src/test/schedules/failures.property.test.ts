import { it } from 'vitest'
import { daily, expectNothingSavableLost, failing, forAllSchedules } from './properties.test-helper.ts'
import { schedules, worlds } from './steps.test-helper.ts'

/* Requests, store calls and processes that fail at random. */

it('no failure loses a token that could be saved', async () => {
  const schedule = schedules({ ...daily, ...failing })
  await forAllSchedules(worlds(['strict', 'grace', 'family']), schedule, expectNothingSavableLost)
})
