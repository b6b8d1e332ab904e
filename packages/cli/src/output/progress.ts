import type { CommandContext } from '../commands/command.ts'
import type { Text } from './text.ts'

// In milliseconds: until then, a progress would only flicker.
const delay = 1000

/**
 * Waits for work, and says what it waits for if that takes longer than a second. A terminal shows it until the work ends.
 *
 * Reads no keys: a reader of stdin would take Ctrl-C from the command, and the input from the command of `pds run`.
 */
export async function withProgress<T>({ output }: CommandContext, text: Text, work: Promise<T>): Promise<T> {
  let clear: (() => void) | undefined
  const timer = setTimeout(() => {
    clear = output.progress(text)
  }, delay)
  try {
    return await work
  } finally {
    clearTimeout(timer)
    clear?.()
  }
}
