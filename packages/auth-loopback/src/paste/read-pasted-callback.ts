import { setImmediate } from 'node:timers/promises'
import { type AuthorizationRequest, type AuthorizationResponse, parseCallback } from '@pds/auth-oauth'
import { isPDSError, mustBe, PDSError } from '@pds/core/internal'
import type { AskForAddress } from './ask-in-terminal.ts'

/**
 * Asks for the address of the callback until it is valid. Returns undefined if the user cannot paste any more, or after the
 * signal was aborted. Throws the error of the authorization response, and what `ask` throws.
 */
export async function readPastedCallback(
  ask: AskForAddress,
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<AuthorizationResponse | undefined> {
  let address = ''
  let error: PDSError | undefined
  while (!signal.aborted) {
    const pasted = await ask({ signal, ...(error && { error }) })
    if (pasted === undefined) return undefined
    if (typeof pasted !== 'string')
      throw mustBe('signInWithBrowser: the result of pasteCode', 'a string', pasted)
    address = continueAddress(address, pasted)
    try {
      return parsePasted(address, request)
    } catch (thrown) {
      if (!isPDSError(thrown) || thrown.outcome !== 'not-sent') throw thrown
      error = thrown
    }
    // A function that always returns the same text must not block the process.
    await setImmediate()
  }
  return undefined
}

/** Returns a pasted address without quotes and line breaks. A terminal may also give its lines one after another. */
function continueAddress(start: string, pasted: string): string {
  const text = pasted.replace(/\s+/g, '').replace(/^[<"'`]+|[>"'`]+$/g, '')
  return /^https?:/i.test(text) ? text : start + text
}

function parsePasted(address: string, request: AuthorizationRequest): AuthorizationResponse {
  const help = `paste the whole address that the browser shows after the sign-in, which starts with ${request.redirect_uri}`
  const fail = (code: PDSError['code'], reason: string) =>
    new PDSError(`signInWithBrowser: ${reason}: ${help}`, { code, outcome: 'not-sent' })
  // A query alone would not prove that the browser was redirected here.
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw fail('InvalidParameter', 'the pasted text is not an address')
  }
  try {
    return parseCallback(new URL(address), request)
  } catch (error) {
    if (!isPDSError(error) || error.outcome !== 'not-sent') throw error
    throw fail(error.code, error.message)
  }
}
