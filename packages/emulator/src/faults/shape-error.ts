import type { ErrorShape } from './fault.ts'

/** The content of an error response. */
export interface ErrorResponse {
  status: number
  code: string
  message: string
  requestId: string
}

/** Returns an error response in one of the shapes that the service, its gateway or a proxy sends. */
export function shapeError(shape: ErrorShape, { status, code, message, requestId }: ErrorResponse): Response {
  // Responses with these statuses have no body (RFC 9110 section 15).
  const hasBody = ![204, 205, 304].includes(status)
  const response = (body: string | null, headers: Record<string, string>) =>
    new Response(hasBody ? body : null, { status, headers })
  const json = { 'content-type': 'application/json' }
  switch (shape) {
    case 'service':
      return response(JSON.stringify({ code, message, requestId: null }), json)
    case 'capital':
      return response(JSON.stringify({ Code: code, Message: message, RequestId: requestId }), json)
    case 'gateway':
      return response(null, { 'x-ca-error-code': code, 'x-ca-error-message': encodeURI(message) })
    case 'html':
      return response(`<html><body><h1>${escapeMarkup(message)}</h1></body></html>`, {
        'content-type': 'text/html; charset=utf-8',
      })
    case 'xml':
      return response(
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeMarkup(code)}</Code><Message>${escapeMarkup(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
        { 'content-type': 'application/xml' },
      )
    case 'empty':
      return response(null, {})
  }
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
