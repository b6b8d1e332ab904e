import { expect, it } from 'vitest'
import { runBench } from './run-bench.test-helper.ts'

it('prints the error and the usage if an option is wrong', async () => {
  await expect(runBench('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^--only: the suite must be one of user-token, .* \(received nothing\)\n\npnpm bench \[--only SUITE\]/,
    ),
  })
})
