import { getServiceJwtToken, getUserJwtToken } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { failureOf, statusOf, verify } from './verify.mjs'

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/** Obtains a user token and a service token with each kind of key. Returns `signed` or the error by kind. */
export async function run({ api_endpoint, domain_id, client_id, user_id, pem, passphrase }) {
  const transport = createTransport({ api_endpoint })
  const cryptoKey = await importKey(pem.pkcs8)
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  const keys = {
    'PKCS#8': { private_key_pem: pem.pkcs8 },
    CryptoKey: { private_key: cryptoKey },
    signer: {
      signer: async (data) => new Uint8Array(await globalThis.crypto.subtle.sign(rs256, cryptoKey, data)),
    },
    'PKCS#1': { private_key_pem: pem.pkcs1 },
    'encrypted PKCS#8': { private_key_pem: pem.encryptedPkcs8, passphrase },
    'encrypted PKCS#1': { private_key_pem: pem.encryptedPkcs1, passphrase },
    ...(crypto && { KeyObject: { private_key: crypto.createPrivateKey(pem.pkcs8) } }),
  }
  const results = {}
  for (const [kind, key] of Object.entries(keys)) {
    const params = { domain_id, client_id, ...key }
    const obtain = async () => [
      await getUserJwtToken(transport, { ...params, user_id }),
      await getServiceJwtToken(transport, params),
    ]
    const tokens = await obtain().catch(() => undefined)
    results[kind] = tokens ? 'signed' : await failureOf(obtain())
    for (const { access_token } of tokens ?? [])
      verify(`the status of a token with ${kind}`, await statusOf(api_endpoint, access_token), 200)
    if (tokens)
      verify(
        'the roles',
        tokens.map(({ role }) => role),
        ['user', 'superadmin'],
      )
  }
  return results
}

function importKey(pem) {
  const der = Uint8Array.from(atob(pem.replaceAll(/-----.*?-----|\s/g, '')), (char) => char.charCodeAt(0))
  // React Native imports no keys.
  return globalThis.crypto.subtle.importKey?.('pkcs8', der, rs256, false, ['sign'])
}
