import { useRef, useState } from 'react'
import { explainError } from './explain-error.ts'
import { type PickText, usePageState } from './page-state.tsx'

/** The action of a button. */
export interface Action {
  readonly isBusy: boolean
  readonly run: () => Promise<void>
}

/**
 * Creates the action of a button. It runs once at a time, tells what it does, and explains its failure with an offer to
 * try again.
 */
export function useAction(doing: PickText, work: () => Promise<void>): Action {
  const { say, warn } = usePageState()
  const [isBusy, setBusy] = useState(false)
  const isRunning = useRef(false)
  async function run(): Promise<void> {
    if (isRunning.current) return
    isRunning.current = true
    setBusy(true)
    say(doing)
    try {
      await work()
    } catch (error) {
      warn(explainError(error), run)
    } finally {
      isRunning.current = false
      setBusy(false)
    }
  }
  return { isBusy, run }
}
