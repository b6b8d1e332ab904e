let prefix: string | undefined
let count = 0

/** Returns an id that is unique in this process, for example `9f1c03ab-12`: a random prefix and a counter. */
export function createCallId(): string {
  // Workers allow no random values before the first request.
  prefix ??= crypto.randomUUID().slice(0, 8)
  count++
  return `${prefix}-${count}`
}
