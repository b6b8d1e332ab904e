import type { Explanation } from './explain-error.ts'
import type { Texts } from './texts/en.ts'

/** An event that the page lists. It contains no text, so that the page can change its language. */
export type Happening =
  | {
      readonly kind:
        | 'received'
        | 'renewed'
        | 'renewedElsewhere'
        | 'signedInElsewhere'
        | 'signedOutElsewhere'
        | 'ended'
    }
  | { readonly kind: 'called'; readonly path: string; readonly status: number }
  | { readonly kind: 'failed'; readonly key: Explanation['key'] }

/** An entry of the activity list. */
export interface Entry {
  readonly id: number
  /** In milliseconds since the epoch. */
  readonly at: number
  /** How often the same has happened in a row. */
  readonly times: number
  readonly happening: Happening
}

const maxEntries = 20

/** Returns the entries with another one, newest first. Counts what happens several times in a row. */
export function addEntry(entries: readonly Entry[], happening: Happening): readonly Entry[] {
  const [newest, ...older] = entries
  const isSame = newest !== undefined && JSON.stringify(newest.happening) === JSON.stringify(happening)
  const entry = { id: (newest?.id ?? 0) + 1, at: Date.now(), times: isSame ? newest.times + 1 : 1, happening }
  return [entry, ...(isSame ? older : entries)].slice(0, maxEntries)
}

/** Returns the text of an entry. */
export function entryText({ happening, times }: Entry, { activity, errors }: Texts): string {
  const text = happeningText(happening, activity, errors)
  return times > 1 ? activity.times(text, times) : text
}

function happeningText(happening: Happening, activity: Texts['activity'], errors: Texts['errors']): string {
  if (happening.kind === 'called') return activity.called(happening.path, happening.status)
  if (happening.kind === 'failed') return errors[happening.key][0] ?? ''
  return activity[happening.kind]
}
