import { createHash, createPrivateKey } from 'node:crypto'
import { inspect } from 'node:util'

/** Collects secrets and finds them in any value. */
export class Canaries {
  readonly #secrets = new Set<string>()

  /** Adds a secret, also in its form, URI and base64 encodings. */
  add(secret: string): void {
    this.#secrets.add(secret)
    this.#secrets.add(new URLSearchParams([['', secret]]).toString().slice(1))
    this.#secrets.add(encodeURIComponent(secret))
    this.#secrets.add(Buffer.from(secret).toString('base64'))
  }

  /** Adds each line of an encrypted PEM key and of its decrypted form, and the passphrase. */
  addKey(pem: string, passphrase: string): void {
    const plain = createPrivateKey({ key: pem, passphrase })
      .export({ type: 'pkcs8', format: 'pem' })
      .toString()
    for (const line of `${pem}\n${plain}`.split('\n'))
      if (line.length > 20 && !line.startsWith('---')) this.add(line)
    this.add(passphrase)
  }

  /** Returns the added secrets that a text contains. */
  known(text: string): string[] {
    return [...this.#secrets].filter((secret) => text.includes(secret))
  }

  /** Returns the secrets in a value: added secrets, and strings that look like tokens. */
  in(value: unknown): string[] {
    const text = textOf(value)
    // A JWT, or an opaque token of 256 bits. Fingerprints and request ids are shorter.
    return [...this.known(text), ...(text.match(/eyJ[\w-]{20,}|(?<![\w/.-])[\w-]{43}(?![\w/.-])/g) ?? [])]
  }
}

/** Returns all readable text of a value: `util.inspect` at any depth, JSON, strings and every property. */
function textOf(value: unknown): string {
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

/** Returns the code challenge of a code verifier (RFC 7636 section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}
