/**
 * Parses a body as JSON, or else as a form: older servers respond to a token request in this format, not all of them with
 * its content type. Throws a `SyntaxError`.
 */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/^\w+=\S*$/.test(text.trim())) throw error
    return Object.fromEntries(new URLSearchParams(text.trim()))
  }
}
