import type { Domain } from '../domain/domain.ts'
import { outOfRange } from '../domain/service-error.ts'
import { parseJsonObject, required, stringParams } from './params.ts'

/** The longest lifetime of a share token, in seconds. Also the default here, because the vendor documents none. */
const maxLifetime = 7200

/** Handles `POST /v2/share_link/get_share_token`: issues a share token. The call needs no access token. */
export function getShareToken(domain: Domain, contentType: string | undefined, body: string): object {
  const fields = parseJsonObject(contentType, body)
  const params = stringParams(fields)
  const share_id = required(params, 'share_id')
  const { expire_sec = maxLifetime } = fields
  const expires_in = Number.isInteger(expire_sec) ? Number(expire_sec) : 0
  if (expires_in < 1 || expires_in > maxLifetime) {
    throw outOfRange('expire_sec', `it must be an integer from 1 to ${maxLifetime}`)
  }
  return domain.issueShareToken(share_id, params.get('share_pwd') ?? '', expires_in)
}
