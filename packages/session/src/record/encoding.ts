/** Returns the UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

export function toBase64(bytes: ArrayBuffer | Uint8Array): string {
  // Not as arguments of one call: their number is limited.
  return btoa(new Uint8Array(bytes).reduce((text, byte) => text + String.fromCharCode(byte), ''))
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
