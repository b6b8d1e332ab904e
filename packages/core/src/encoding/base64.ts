/** Returns bytes in base64 (RFC 4648 section 4). */
export function toBase64(bytes: ArrayBuffer | Uint8Array): string {
  // Not as arguments of one call: their number is limited.
  return btoa(new Uint8Array(bytes).reduce((text, byte) => text + String.fromCharCode(byte), ''))
}

/** Returns bytes in base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Returns the SHA-256 hash of a text in base64url. */
export async function sha256(text: string): Promise<string> {
  return toBase64Url(await crypto.subtle.digest('SHA-256', encodeText(text)))
}

// The type has a parameter since TypeScript 5.7 and none before, so it is taken from TextEncoder.
type EncodedText = ReturnType<InstanceType<typeof TextEncoder>['encode']>

/** Returns the UTF-8 bytes of a text. */
export function encodeText(text: string): EncodedText {
  return new TextEncoder().encode(text)
}
