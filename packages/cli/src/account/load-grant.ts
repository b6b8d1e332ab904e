import { readFile } from 'node:fs/promises'
import type { PDSTransport } from '@pds/core'
import { createTransport } from '@pds/core/fetch'
import { PDSError } from '@pds/core/internal'
import type { Grant } from '@pds/types'
import { CliError } from '../output/cli-error.ts'
import type { Profile, ServiceProfile } from '../profile/profile.ts'

/** A grant with the transport that it sends its requests over. */
export interface LoadedGrant {
  grant: Grant
  transport: PDSTransport
}

/** Creates the grant of a profile: with a user id for this user of a JWT application, without one for its service token. */
export async function loadGrant(profile: Profile, user_id: string | undefined): Promise<LoadedGrant> {
  const { api_endpoint, client_id } = profile
  const transport = createTransport({ api_endpoint })
  if (profile.type === 'user') {
    const { oauthGrant } = await import('@pds/auth-oauth')
    return { transport, grant: oauthGrant({ transport, client_id }) }
  }
  const { jwtGrant } = await import('@pds/auth-jwt')
  const app = { transport, client_id, domain_id: profile.domain_id, private_key_pem: await readKey(profile) }
  const subject = user_id === undefined ? ({ sub_type: 'service' } as const) : { user_id }
  return { transport, grant: jwtGrant({ ...app, ...subject }) }
}

async function readKey({ key_file }: ServiceProfile): Promise<string> {
  try {
    return await readFile(key_file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const cause = new CliError('KeyFile', {
      en: `The private key ${key_file} cannot be read (${code}). Restore it, or run pds login with another --key.`,
      zh: `无法读取私钥 ${key_file}（${code}）。请恢复该文件，或用另一个 --key 运行 pds login。`,
    })
    // Tells a session that no request was sent, so that it keeps a token that is still valid.
    throw new PDSError(cause.message, { code: cause.code, outcome: 'not-sent', cause })
  }
}
