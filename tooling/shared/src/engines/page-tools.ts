import { type Clock, install } from '@sinonjs/fake-timers'
import { findElements, type Step } from './find-elements.ts'
import { fromText, toText } from './page-values.ts'

/* Runs in each page of an engine that has no driver for these functions. `engine-context.ts` bundles it. */

export { fromText, toText }

/** Returns the elements that a locator describes. */
export function find(steps: readonly Step[]): Element[] {
  return findElements(document, steps)
}

/** Returns the element of an action, or null if no element matches yet. Throws if there are several. */
export function findOne(steps: readonly Step[]): HTMLElement | null {
  const found = find(steps)
  if (found.length > 1) throw new Error(`${JSON.stringify(steps)} matches ${found.length} elements`)
  return (found[0] as HTMLElement | undefined) ?? null
}

/** Returns the element of an action when it can be used, or null. */
export function findReady(steps: readonly Step[]): HTMLElement | null {
  const element = findOne(steps)
  if (!element || !isVisible(element) || element.matches(':disabled')) return null
  element.scrollIntoView({ block: 'center' })
  return element
}

export function isVisible(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect()
  return element.checkVisibility({ visibilityProperty: true }) && width > 0 && height > 0
}

/** Enters a text into a field, as if the user had typed it. */
export function fill(element: HTMLElement, text: string): void {
  element.focus()
  Object.assign(element, { value: text })
  element.dispatchEvent(new Event('input', { bubbles: true }))
  element.dispatchEvent(new Event('change', { bubbles: true }))
}

/** The state of a clock: its time, and whether it advances with the time of the machine. */
export interface ClockState {
  now: number
  isPaused: boolean
}

let clock: Clock | undefined

/** Replaces the clock and the timers of the page. */
export function installClock({ now, isPaused }: ClockState): void {
  clock ??= install({ now, toNotFake: ['nextTick', 'queueMicrotask'], ignoreMissingTimers: true })
  clock.setTickMode(isPaused ? { mode: 'manual' } : { mode: 'interval', delta: 20 })
}

/** Jumps to a time, and stops there. */
export function pauseClock(time: number): void {
  clock?.setTickMode({ mode: 'manual' })
  clock?.jump(Math.max(0, time - clock.now))
}

export function resumeClock(): void {
  clock?.setTickMode({ mode: 'interval', delta: 20 })
}

/** Advances the clock, and runs each timer at its time. Returns the time of the clock. */
export async function runClock(milliseconds: number): Promise<number> {
  await clock?.tickAsync(milliseconds)
  return clock?.now ?? 0
}

/** Jumps ahead: each due timer runs once. Returns the time of the clock. */
export function jumpClock(milliseconds: number): number {
  clock?.jump(milliseconds)
  return clock?.now ?? 0
}
