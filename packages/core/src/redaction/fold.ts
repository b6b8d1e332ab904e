/** Returns the letters and digits of a text in lower case, without accents. */
export function fold(text: string): string {
  // Upper case first: only there, some letters become equal to others.
  return text
    .normalize('NFD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}
