/** What an error is called, for texts that may not hold its message. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
