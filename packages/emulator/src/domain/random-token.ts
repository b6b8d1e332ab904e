/** 32 hexadecimal digits with 122 random bits. */
export function randomToken(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
