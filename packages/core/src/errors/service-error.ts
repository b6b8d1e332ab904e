import { decodeHtml } from '../redaction/redact.ts'

/** The fields of an error response's body. */
export interface ServiceErrorBody {
  code?: string | undefined
  message?: string | undefined
  requestId?: string | undefined
  /** The parsed body, if it is a JSON object or array. */
  data?: object
}

/**
 * Returns the fields of an error response, whatever its content type.
 *
 * The service sends JSON with `code`, `message` and `requestId`, which its documentation also capitalizes. Proxies and
 * old hosts send HTML, object storage sends XML. `error` and `error_description` are the fields of RFC 6749 section
 * 5.2.
 *
 * `redact` removes the secrets from data. It runs before texts are truncated or joined to one line, because it does not
 * recognize a part of a secret.
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
  // The elements are at the start of the body. The limit bounds the time of the search.
  const start = text.slice(0, 10_000)
  const element = (name: string) => {
    const [, content = ''] = new RegExp(`<${name}(?:\\s[^<>]*)?>(.*?)</${name}>`, 'is').exec(start) ?? []
    // Redacted twice: a secret may contain a tag, or appear only when entities are decoded.
    return firstText(redact(textOf(redact(content))))
  }
  return {
    code: element('Code'),
    message: element('Message') ?? element('h1') ?? element('title'),
    requestId: element('RequestId'),
  }
}

/** Returns the text content of an XML or HTML element. */
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

// The texts are codes and sentences for one line of a log.
const maxTextLength = 1000

/** Returns the first non-empty string, as one line without control characters and of at most 1000 characters. */
export function firstText(...candidates: unknown[]): string | undefined {
  for (const value of candidates) {
    const text = typeof value === 'string' ? value.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim() : ''
    if (text !== '') return text.slice(0, maxTextLength)
  }
  return undefined
}
