import { errorResponse } from '@pds/backend'
import { loginCookie } from '../../lib/login'
import { pds } from '../../lib/pds'

export async function POST(request: Request): Promise<Response> {
  const { user_id } = await request.json()
  // Check the password here. Then get the first token, so that an invalid private key fails at the login.
  try {
    await pds.sessions.signIn(user_id)
  } catch (error) {
    console.error(error)
    return errorResponse(error)
  }
  return new Response(null, { status: 204, headers: { 'set-cookie': loginCookie(user_id) } })
}
