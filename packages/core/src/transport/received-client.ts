/** Returns a hint for an error message if a value is a `PDSClient` in place of its transport. */
export function receivedClient(value: unknown): string | undefined {
  return Object(value).transport ? 'a PDSClient: pass its property transport' : undefined
}
