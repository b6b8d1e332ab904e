import { createHash, createPrivateKey } from 'node:crypto'
import { inspect } from 'node:util'

/** The values that must not get out, and what finds them in anything that did. */
export class Canaries {
  readonly #secrets = new Set<string>()

  /** Adds a secret, also as it stands in a form and in base64. */
  add(secret: string): void {
    this.#secrets.add(secret)
    this.#secrets.add(new URLSearchParams([['', secret]]).toString().slice(1))
    this.#secrets.add(encodeURIComponent(secret))
    this.#secrets.add(Buffer.from(secret).toString('base64'))
  }

  /** Adds each line of a key in PEM, also without its encryption. */
  addKey(pem: string, passphrase: string): void {
    const plain = createPrivateKey({ key: pem, passphrase })
      .export({ type: 'pkcs8', format: 'pem' })
      .toString()
    for (const line of `${pem}\n${plain}`.split('\n'))
      if (line.length > 20 && !line.startsWith('---')) this.add(line)
    this.add(passphrase)
  }

  /** The secrets in a text that are known. */
  known(text: string): string[] {
    return [...this.#secrets].filter((secret) => text.includes(secret))
  }

  /** The secrets in a value: those that are known, and what looks like a token. */
  in(value: unknown): string[] {
    const text = everything(value)
    // A JWT, and the 256 bits of an opaque token. Fingerprints and ids of requests are shorter.
    return [...this.known(text), ...(text.match(/eyJ[\w-]{20,}|(?<![\w/.-])[\w-]{43}(?![\w/.-])/g) ?? [])]
  }
}

/** All that can be read of a value: as it is printed at any depth, as JSON, as a string, and each property of it. */
function everything(value: unknown): string {
  const texts = [inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })]
  const seen = new Set<unknown>()
  const walk = (part: unknown) => {
    if (typeof part === 'string') texts.push(part)
    if (typeof part !== 'object' || part === null || seen.has(part)) return
    seen.add(part)
    texts.push(String(Object.hasOwn(part, 'toString') || part instanceof Error ? part : ''))
    for (const key of Reflect.ownKeys(part)) {
      texts.push(String(key))
      walk((part as Record<PropertyKey, unknown>)[key])
    }
  }
  walk(value)
  return [...texts, JSON.stringify(value)].join('\n')
}

/** The challenge of a code verifier (RFC 7636 section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}
