import { ConfidentialClientApplication } from '@azure/msal-node'
import { OAuth2Client } from 'google-auth-library'

/** Returns a client that has its token, as after a sign-in. */
export function createGoogleClient(access_token: string): OAuth2Client {
  const client = new OAuth2Client()
  client.setCredentials({ access_token, expiry_date: Date.now() + 7_200_000 })
  return client
}

/**
 * Returns a client that caches its token after the first call. The network client replaces Microsoft's address, whose
 * metadata msal-node knows, and sends only this first request.
 */
export function createMsalClient(tokenUrl: string): ConfidentialClientApplication {
  let hasToken = false
  return new ConfidentialClientApplication({
    auth: {
      clientId: 'app-1',
      clientSecret: 'secret',
      authority: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001',
    },
    system: {
      networkClient: {
        sendGetRequestAsync: () =>
          Promise.reject(new Error('msal-node requested metadata that it should know')),
        async sendPostRequestAsync(_url, { body = '' } = {}) {
          if (hasToken) throw new Error('msal-node did not use its cache')
          hasToken = true
          const response = await fetch(tokenUrl, { method: 'POST', body })
          return { status: response.status, headers: {}, body: await response.json() }
        },
      },
    },
  })
}
