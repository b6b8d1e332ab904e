/**
 * Parses a body as JSON or as a form: older servers respond to a token request in this format, not all of them with its
 * content type. Throws a `SyntaxError`.
 */
export function parseBody(text: string): unknown {
  const isForm = /^\s*\w+=\S*\s*$/.test(text)
  return isForm ? Object.fromEntries(new URLSearchParams(text.trim())) : JSON.parse(text)
}
