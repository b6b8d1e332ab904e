import type { NextRequest } from 'next/server'
import { errorResponse } from '../../../../back-end/error-response.ts'
import { tokenForPage } from '../../../../back-end/pds-sessions.ts'
import { login } from '../../../lib/login.ts'

export async function POST(request: NextRequest): Promise<Response> {
  // Behind a proxy the address of the request is another one than that of the page, so it is not compared with that.
  const { APP_ORIGIN = 'http://127.0.0.1:3000' } = process.env
  if (request.headers.get('origin') !== APP_ORIGIN) return response({ code: 'ForeignOrigin' }, 403)
  const user_id = login.userOf(request.headers.get('cookie'))
  if (user_id === undefined) return response({ code: 'LoginRequired' }, 401)
  try {
    const { rejected } = (await request.json()) ?? {}
    return response(await tokenForPage(user_id, rejected), 200)
  } catch (error) {
    if (error instanceof SyntaxError) return response({ code: 'InvalidParameter' }, 400)
    const { status, body } = errorResponse(error)
    // A PDSError holds no secret.
    console.error(error)
    return response(body, status)
  }
}

function response(body: object, status: number): Response {
  // No cache on the way may keep a token.
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
