import { isWords } from './is-words.ts'

const redacted = '***'

/**
 * Replaces what may be a secret in the free text of a response: each run of 20 or more letters, digits and `+/_=-`.
 *
 * Codes and other words stay, and so do URLs without a query and request ids.
 */
export function redactOpaqueRuns(text: string, name: string): string {
  const isId = /request-?id$|trace/i.test(name)
  const redactRuns = (part: string) =>
    part.replaceAll(/[\w+/=-]{20,}/g, (run) =>
      isWords(run) || uuid.test(run) || (isId && /^[\da-f-]{1,55}$/i.test(run)) ? run : redacted,
    )
  return text
    .split(/(https?:\/\/[^\s"'<>]+)/i)
    .map((part, index) => (index % 2 && !/[?#@]/.test(part) ? part : redactRuns(part)))
    .join('')
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
