import { readElements } from '#platform'
import { parseBody } from '../call/parse-body.ts'
import type { Redact } from '../redaction/create-redactor.ts'

/** The fields of an error response. */
export interface ServiceError {
  code?: string | undefined
  message?: string | undefined
  reqId?: string | undefined
  /** The documented fields of the body, if it is a JSON object. */
  data?: object
}

// The fields of the service, and the fields of RFC 6749 section 5.2, which RFC 7009 also uses.
const knownFields = /^(code|message|requestId|Code|Message|RequestId|error(_description|_uri)?)$/

/**
 * Returns the fields of an error response, whatever its content type. `headers` are redacted headers by lower-case name.
 *
 * The service sends JSON with `code`, `message` and `requestId`, which its documentation also capitalizes. Proxies and
 * old hosts send HTML, object storage sends XML. `error` and `error_description` are the fields of RFC 6749 section
 * 5.2. The gateway in front of the service sends headers and no usable body. Other fields and nested data are dropped,
 * because they may contain secrets that have no known name.
 *
 * Texts are truncated before `redact` removes the secrets from them, so that a long body takes little time. `redact` also
 * recognizes a part of a secret.
 */
export function readServiceError(
  text: string,
  headers: Readonly<Record<string, string>>,
  redact: Redact,
): ServiceError {
  const json = readFields(text)
  const fields = redact(json ?? readElements(text, redact) ?? {}, true)
  return {
    code: firstText(fields.code, fields.Code, fields.error, headers['x-ca-error-code']),
    message: firstText(
      fields.message,
      fields.Message,
      fields.error_description,
      headers['x-ca-error-message'],
    ),
    reqId: firstText(fields.requestId, fields.RequestId, headers['x-ca-request-id']),
    ...(json && { data: fields }),
  }
}

/** Returns the known fields of a JSON object or a form, or undefined if it has no known field. */
function readFields(text: string): Record<string, unknown> | undefined {
  try {
    const known = Object.entries(parseBody(text) as object)
      .filter(([name, field]) => knownFields.test(name) && Object(field) !== field)
      .map(([name, field]) => [name, typeof field === 'string' ? field.slice(0, maxTextLength) : field])
    return known.length > 0 ? Object.fromEntries(known) : undefined
  } catch {
    return undefined
  }
}

// The texts are codes and sentences for one line of a log.
export const maxTextLength: number = 1000

/** Returns the first non-empty string, as one line without control characters and of at most 1000 characters. */
export function firstText(...candidates: unknown[]): string | undefined {
  for (const value of candidates) {
    const text = typeof value === 'string' ? value.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim() : ''
    if (text !== '') return text.slice(0, maxTextLength)
  }
  return undefined
}
