import { createHash, createPrivateKey } from 'node:crypto'
import { inspect } from 'node:util'

// So many letters and digits of a secret must not be in an output. The packages promise the same.
const runLength = 8

/** Returns the letters and digits of a text in lower case. Written unlike the function of the package. */
function lettersOf(text: string): string {
  return (
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join('')
}

function runsOf(text: string): string[] {
  const letters = lettersOf(text)
  const count = Math.max(letters.length - runLength + 1, 0)
  return Array.from({ length: count }, (_, start) => letters.slice(start, start + runLength))
}

/** Returns the runs of a secret, also of its form, URI and base64 encodings. */
function runsOfForms(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, form, encodeURIComponent(secret), base64].flatMap(runsOf)
}

/** Returns the runs of an encrypted PEM key and of its decrypted form, by line. */
function runsOfKey(pem: string, passphrase: string): [run: string, line: string][] {
  const plain = createPrivateKey({ key: pem, passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString()
  return `${pem}\n${plain}`
    .split('\n')
    .filter((line) => line.length > 20 && !line.startsWith('---'))
    .flatMap((line) => runsOfForms(line).map((run): [string, string] => [run, line]))
}

// Each of several hundred clients has the same key.
const keys = new Map<string, [run: string, line: string][]>()

/** Collects secrets and finds them in any value. */
export class Canaries {
  /** The secrets by each of their runs. */
  readonly #secrets = new Map<string, string>()

  /**
   * Adds a secret, also in its form, URI and base64 encodings. It must have at least 8 letters and digits, and look
   * random: outputs may contain words.
   */
  add(secret: string): void {
    for (const run of runsOfForms(secret)) this.#secrets.set(run, secret)
  }

  /** Adds each line of an encrypted PEM key and of its decrypted form, and the passphrase. */
  addKey(pem: string, passphrase: string): void {
    const runs = keys.get(pem) ?? runsOfKey(pem, passphrase)
    keys.set(pem, runs)
    for (const [run, line] of runs) this.#secrets.set(run, line)
    this.add(passphrase)
  }

  /** Returns the added secrets of which a line of a text contains a recognizable part. */
  known(text: string): string[] {
    // A line of an array or an object has several values.
    const lines = new Set(text.split(/\n|', '|","/))
    const found = [...lines].flatMap((line) => runsOf(line).map((run) => this.#secrets.get(run)))
    return [...new Set(found)].filter((secret) => secret !== undefined)
  }

  /** Returns the secrets in a value: added secrets, and strings that look like tokens. */
  in(value: unknown): string[] {
    const text = textOf(value)
    // A JWT, or an opaque token of 256 bits. Fingerprints and request ids are shorter.
    return [...this.known(text), ...(text.match(/eyJ[\w-]{20,}|(?<![\w/.-])[\w-]{43}(?![\w/.-])/g) ?? [])]
  }
}

const shownCompletely = {
  depth: Number.POSITIVE_INFINITY,
  showHidden: true,
  getters: true,
  maxStringLength: null,
} as const

/** Returns all readable text of a value: `util.inspect` at any depth, JSON, strings and every property. */
function textOf(value: unknown): string {
  const texts = [inspect(value, shownCompletely)]
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
