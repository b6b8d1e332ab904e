import { decodeHtml } from '../redaction/redact.ts'

/** What the body of an error answer says. */
export interface ServiceErrorBody {
  code?: string | undefined
  message?: string | undefined
  requestId?: string | undefined
  /** The JSON of the body, where it is JSON. */
  data?: object
}

/**
 * Reads the error answers that are known, whatever their content type says.
 *
 * The service sends JSON with `code`, `message` and `requestId`, in its documents also capitalised; proxies and old
 * hosts send HTML, object storage sends XML. The vendor documents no other shape; `error` and `error_description` are
 * those of RFC 6749 section 5.2.
 *
 * `mask` masks the secrets in data. It is applied before anything is cut or put on one line, where a part of a secret
 * would not be known any more.
 */
export function readServiceError(text: string, redact: <T>(data: T) => T): ServiceErrorBody {
  const parsed = parseJson(text)
  if (typeof parsed === 'object' && parsed !== null) {
    const data = redact(parsed)
    const fields = data as Record<string, unknown>
    return {
      code: firstText(fields.code, fields.Code, fields.error),
      message: firstText(fields.message, fields.Message, fields.error_description),
      requestId: firstText(fields.requestId, fields.RequestId),
      data,
    }
  }
  // Of its beginning, where a body is long.
  const beginning = text.slice(0, 10_000)
  const element = (name: string) => {
    const [, content = ''] = new RegExp(`<${name}(?:\\s[^<>]*)?>(.*?)</${name}>`, 'is').exec(beginning) ?? []
    // A tag may be a part of a secret, and only when its entities are decoded another one may show.
    return firstText(redact(textOf(redact(content))))
  }
  return {
    code: element('Code'),
    message: element('Message') ?? element('h1') ?? element('title'),
    requestId: element('RequestId'),
  }
}

/** The text of what an element of XML or HTML holds, without the tags in it. */
function textOf(content: string): string {
  return decodeHtml(content.replaceAll(/<!\[CDATA\[|\]\]>|<[^>]*>/g, ''))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// Longer ones are no names and no sentences, and a log has lines.
const maxTextLength = 1000

/** The first of the candidates that is a text with something in it: on one line, without what steers a terminal. */
export function firstText(...candidates: unknown[]): string | undefined {
  for (const value of candidates) {
    const text = typeof value === 'string' ? value.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim() : ''
    if (text !== '') return text.slice(0, maxTextLength)
  }
  return undefined
}
