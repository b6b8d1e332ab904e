import type { Redact } from '../redaction/create-redactor.ts'
import { decodeHtml } from '../redaction/encodings.ts'
import { maxTextLength } from './service-error.ts'

/** Returns the fields in the elements of an error response in XML or HTML. */
export function readElements(text: string, redact: Redact): Record<string, unknown> | undefined {
  // The elements are at the start of the body.
  const start = text.slice(0, 10_000)
  const element = (name: string) => {
    const { 0: opening = '', index = 0 } = new RegExp(`<${name}(?:\\s[^<>]*)?>`, 'i').exec(start) ?? {}
    const content = start.slice(index + opening.length)
    const end = opening ? content.search(new RegExp(`</${name}>`, 'i')) : 0
    // Redacted here and by the caller: a secret may contain a tag, or appear only when entities are decoded.
    const fields = redact({ [name]: content.slice(0, Math.max(end, 0)).slice(0, maxTextLength) }, true)
    return textOf(fields[name] ?? '')
  }
  const message = element('Message') || element('h1') || element('title')
  return { Code: element('Code'), Message: message, RequestId: element('RequestId') }
}

/** Returns the text content of an XML or HTML element. */
function textOf(content: string): string {
  return decodeHtml(content.replaceAll(/<!\[CDATA\[|\]\]>|<[^<>]*>/g, ''))
}
