import type { RunningEmulator } from '@pds/emulator'

/** Returns the environment variables with which an example obtains tokens of the JWT application of an emulator. */
export function jwtAppEnvironment(emulator: RunningEmulator): Record<string, string> {
  const { client_id, private_key_pem } = emulator.app('jwt')
  return {
    PDS_API_ENDPOINT: emulator.api_endpoint,
    PDS_DOMAIN_ID: emulator.domain_id,
    PDS_CLIENT_ID: client_id,
    PDS_PRIVATE_KEY: private_key_pem,
  }
}
