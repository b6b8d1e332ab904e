import { createHmac, timingSafeEqual } from 'node:crypto'

/*
 * PLACEHOLDER FOR YOUR OWN LOGIN, such as Auth.js: it accepts any user name without a password.
 */

/** Returns the `Set-Cookie` header of a signed-in user. */
export function loginCookie(user_id: string): string {
  const id = Buffer.from(user_id).toString('base64url')
  const secure = process.env.APP_ORIGIN?.startsWith('https:') ? '; Secure' : ''
  return `app_login=${id}.${sign(id)}; Path=/; HttpOnly; SameSite=Strict${secure}`
}

/** Returns the user of a request, or undefined if no user is signed in. */
export function userOf(headers: Headers): string | undefined {
  const [, id, signature] =
    /(?:^|; )app_login=([\w-]+)\.([\w-]{43})(?:;|$)/.exec(headers.get('cookie') ?? '') ?? []
  if (!id || !signature || !timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id)))) return undefined
  return Buffer.from(id, 'base64url').toString()
}

function sign(id: string): string {
  const { LOGIN_SECRET } = process.env
  if (!LOGIN_SECRET) throw new Error('LOGIN_SECRET is missing: set it to a random text')
  return createHmac('sha256', LOGIN_SECRET).update(id).digest('base64url')
}
