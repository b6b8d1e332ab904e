import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { application as keyless } from '../cold-start/scripts/application.mjs'

// The same as in processes, which read no TypeScript.
export { claims, grant_type, user_id } from '../cold-start/scripts/application.mjs'

/** The key of a JWT application, as a user has it. */
export const private_key_pem: string = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

export const privateKey: KeyObject = createPrivateKey(private_key_pem)

/** The application. */
export const application = { ...keyless, private_key_pem }
