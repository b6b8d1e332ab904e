import type { ReactNode } from 'react'
import type { Action } from '../use-action.ts'

/** A button for an action. While it is busy, it ignores clicks: a disabled button would lose the focus. */
export function ActionButton({
  action,
  isPrimary,
  isBlocked = false,
  children,
}: {
  action: Action
  isPrimary?: boolean
  /** Whether the action is impossible now. */
  isBlocked?: boolean
  children: ReactNode
}) {
  const { isBusy, run } = action
  return (
    <button
      className={isPrimary ? 'button primary' : 'button'}
      type="button"
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || isBlocked || undefined}
      onClick={() => isBlocked || void run()}
    >
      {children}
    </button>
  )
}
