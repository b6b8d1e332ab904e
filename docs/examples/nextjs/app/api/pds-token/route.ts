import type { NextRequest } from 'next/server'
import { errorResponse } from '../../../../back-end/error-response.ts'
import { tokenForPage } from '../../../../back-end/pds-sessions.ts'
import { login } from '../../../lib/login.ts'

export async function POST(request: NextRequest): Promise<Response> {
  // Compare with APP_ORIGIN, not with the URL of the request, which differs behind a proxy.
  const { APP_ORIGIN = 'http://127.0.0.1:3000' } = process.env
  if (request.headers.get('origin') !== APP_ORIGIN) return jsonResponse({ code: 'ForeignOrigin' }, 403)
  const user_id = login.userOf(request.headers.get('cookie'))
  if (user_id === undefined) return jsonResponse({ code: 'LoginRequired' }, 401)
  try {
    const { rejected } = (await request.json()) ?? {}
    return jsonResponse(await tokenForPage(user_id, rejected), 200)
  } catch (error) {
    if (error instanceof SyntaxError) return jsonResponse({ code: 'InvalidParameter' }, 400)
    const { status, body } = errorResponse(error)
    // A PDSError contains no secret.
    console.error(error)
    return jsonResponse(body, status)
  }
}

function jsonResponse(body: object, status: number): Response {
  // No cache may store a token.
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
