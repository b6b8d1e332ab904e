import { ConfidentialClientApplication } from '@azure/msal-node'
import { OAuth2Client } from 'google-auth-library'

/** A client that was given its token, as after a sign-in. */
export function googleClient(access_token: string): OAuth2Client {
  const client = new OAuth2Client()
  client.setCredentials({ access_token, expiry_date: Date.now() + 7_200_000 })
  return client
}

/**
 * An application that has its token in its cache after the first call. Its network takes the place of Microsoft's
 * address, of which it knows all that it needs, and answers that call alone.
 */
export function msalApplication(address: string): ConfidentialClientApplication {
  let isAsked = false
  return new ConfidentialClientApplication({
    auth: {
      clientId: 'app-1',
      clientSecret: 'secret',
      authority: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001',
    },
    system: {
      networkClient: {
        sendGetRequestAsync: () => Promise.reject(new Error('msal-node asked for what it should know')),
        async sendPostRequestAsync(_url, { body = '' } = {}) {
          if (isAsked) throw new Error('msal-node did not answer from its cache')
          isAsked = true
          const answer = await fetch(address, { method: 'POST', body })
          return { status: answer.status, headers: {}, body: await answer.json() }
        },
      },
    },
  })
}
