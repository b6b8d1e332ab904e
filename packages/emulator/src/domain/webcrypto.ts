import { base64url as base64urlCodec } from 'jose'

export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

export function base64url(bytes: Uint8Array): string {
  return base64urlCodec.encode(bytes)
}

/** Compares two secrets by their digests, so that the duration does not reveal their content. */
export async function timingSafeEqual(a: string, b: string): Promise<boolean> {
  return base64url(await sha256(a)) === base64url(await sha256(b))
}

/** Returns 32 hexadecimal digits with 122 random bits. */
export function randomToken(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
