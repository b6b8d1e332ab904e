import { ConfidentialClientApplication } from '@azure/msal-node'
import { application, endpoint, expectToken } from './application.mjs'

if (endpoint) {
  // Replaces Microsoft's addresses, as msal-node accepts no endpoint without https.
  const networkClient = {
    async sendPostRequestAsync(_url, { headers, body }) {
      const response = await fetch(`${endpoint}/v2/oauth/token`, { method: 'POST', headers, body })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.json(),
      }
    },
    async sendGetRequestAsync(url) {
      throw new Error(`unexpected request for ${url}`)
    },
  }
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: application.client_id,
      authority: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000',
      clientSecret: 'secret',
    },
    system: { networkClient },
  })
  const result = await client.acquireTokenByClientCredential({ scopes: ['https://app.example/.default'] })
  expectToken(result?.accessToken)
}
