/** Whether a text can be the name of a code or a class: what a fetch of one's own puts there may be anything. */
export function isName(text: string): boolean {
  return /^[a-z]\w{0,60}$/i.test(text)
}
