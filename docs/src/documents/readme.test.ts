import { expect, it } from 'vitest'
import { codeBlocks } from './code-blocks.ts'
import { readDocument } from './documents.ts'

/** Returns the number of lines of code in the block of the README that contains a text. */
function lengthOf(text: string): number | undefined {
  const block = codeBlocks('README.md', readDocument('README.md')).find(({ code }) => code.includes(text))
  return block?.code.split('\n').filter((line) => line.trim() !== '').length
}

it('the README needs at most 15 lines for a back end and 10 for its page', () => {
  expect(lengthOf('createBackend(')).toBeLessThanOrEqual(15)
  expect(lengthOf('backendGrant(')).toBeLessThanOrEqual(10)
})
