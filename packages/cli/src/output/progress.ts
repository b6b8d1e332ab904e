import type { CommandContext } from '../commands/command.ts'
import type { Text } from './text.ts'

// In milliseconds: until then, a spinner would only flicker.
const delay = 1000

/** Waits for work, and says what it waits for if that takes longer than a second. */
export async function withProgress<T>({ output }: CommandContext, text: Text, work: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined
  let isDone = false
  const timer = setTimeout(async () => {
    if (output.isJson) return
    if (!process.stderr.isTTY) return output.message(text)
    const { spinner } = await import('@clack/prompts')
    if (isDone) return
    const indicator = spinner({ output: process.stderr, withGuide: false })
    indicator.start(output.localize(text))
    stop = () => indicator.clear()
  }, delay)
  try {
    return await work
  } finally {
    isDone = true
    clearTimeout(timer)
    stop?.()
  }
}
