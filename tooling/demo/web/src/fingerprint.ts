/** What stands for a token on the page: the first 8 hexadecimal digits of its SHA-256. */
export async function fingerprint(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  const bytes = new Uint8Array(digest, 0, 4)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
