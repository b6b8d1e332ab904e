import { authorizePath } from '../routes/sign-in-address.ts'
import { fingerprint, shorten } from './mask.ts'

const calls = [authorizePath, '/v2/oauth/token', '/v2/account/token', '/v2/account/revoke', '/v2/user/get']

/**
 * Masks what may be a secret in a path: all that is below a call, and of the paths of unknown calls what is no plain
 * word, as the service's paths consist of.
 */
export async function maskPath(path: string): Promise<string> {
  const call = calls.find((known) => path === known || path.startsWith(`${known}/`))
  if (call === path) return path
  if (call !== undefined) return `${call}/${await fingerprint(path.slice(call.length + 1))}`
  const segments = path
    .split('/')
    .map((segment) => (/^(v\d|[a-z_]{0,24})$/.test(segment) ? segment : fingerprint(segment)))
  return shorten((await Promise.all(segments)).join('/'))
}
