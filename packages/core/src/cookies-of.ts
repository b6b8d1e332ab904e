/** The values of the cookies in a header. */
export function cookiesOf(name: string, header: string): string[] {
  return /cookie/i.test(name) ? header.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, '')) : []
}
