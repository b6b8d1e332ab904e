/** The time of day of milliseconds since the epoch, where it runs. It stands alone, since its source runs in the page too. */
export function timeOf(milliseconds: number): string {
  const at = new Date(milliseconds)
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
