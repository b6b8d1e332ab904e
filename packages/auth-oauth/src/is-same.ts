/**
 * Whether two texts are the same, in a time that does not tell how much of them is.
 *
 * A loop of our own: what browsers have for it is asynchronous, and Node.js's is Node.js's alone. Its length is that of
 * the first text, which whoever measures has sent.
 */
export function isSame(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let index = 0; index < given.length; index++) {
    // Beyond the end it is NaN, which counts as 0.
    difference |= given.charCodeAt(index) ^ secret.charCodeAt(index)
  }
  return difference === 0
}
