import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import { addEntry, type Entry, type Happening } from './activity.ts'
import type { Explanation } from './explain-error.ts'
import type { Texts } from './texts/en.ts'

/** A failure that the page shows, and what its button does. */
interface Message {
  readonly explanation: Explanation
  readonly retry?: (() => void) | undefined
}

/** Returns a text in the language of the page. */
export type PickText = (texts: Texts) => string

/** What the page shows besides the session. */
export interface PageState {
  readonly message: Message | undefined
  /** What the user has done, for screen readers: the page shows it elsewhere. */
  readonly status: PickText | undefined
  /** Newest first. */
  readonly entries: readonly Entry[]
  /** Shows a failure. */
  warn(explanation: Explanation, retry?: () => void): void
  /** Tells what the user has done, and removes the failure. */
  say(status: PickText): void
  /** Adds an entry to the activity. */
  note(happening: Happening): void
  /** Removes the failure. */
  dismiss(): void
}

const PageContext = createContext<PageState | undefined>(undefined)

/** Provides the messages and the activity of the page. */
export function PageStateProvider({ children }: { children: ReactNode }) {
  const [{ message, status }, show] = useState<Pick<PageState, 'message' | 'status'>>({
    message: undefined,
    status: undefined,
  })
  const [entries, setEntries] = useState<readonly Entry[]>([])
  const warn = useCallback<PageState['warn']>((explanation, retry) => {
    show({ message: { explanation, retry }, status: undefined })
  }, [])
  const say = useCallback<PageState['say']>((text) => show({ message: undefined, status: text }), [])
  const note = useCallback<PageState['note']>((happening) => {
    setEntries((before) => addEntry(before, happening))
  }, [])
  const dismiss = useCallback(() => show({ message: undefined, status: undefined }), [])
  const state = useMemo(
    () => ({ message, status, entries, warn, say, note, dismiss }),
    [message, status, entries, warn, say, note, dismiss],
  )
  return <PageContext value={state}>{children}</PageContext>
}

/** Returns the messages and the activity of the page, and the functions that change them. */
export function usePageState(): PageState {
  const state = use(PageContext)
  if (!state) throw new Error('render the component in PageStateProvider')
  return state
}
