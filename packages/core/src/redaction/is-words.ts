// For example InvalidParameterNotSupported, unsupported_response_type and application/x-www-form-urlencoded.
const words =
  /^(([A-Z]{1,15}|[a-z]|([a-z]{2,15})?([A-Z]{1,5}[a-z]{2,15}\d{0,2}|[ABINOT][dfnorsty])*)([-_/+=]+|$))+$/

/** Returns whether a run of letters, digits and `+/_=-` consists of words, such as an error code. */
export function isWords(run: string): boolean {
  return words.test(run)
}
