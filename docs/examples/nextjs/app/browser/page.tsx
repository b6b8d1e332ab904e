import { fromEnv } from '@pds/auth-jwt'
import { connection } from 'next/server'
import { BrowserAccount } from './browser-account'

export default async function Page() {
  // Reads the settings for each request. `next build` would need variables with the prefix NEXT_PUBLIC_.
  await connection()
  const { PDS_BROWSER_CLIENT_ID: clientId } = process.env
  if (!clientId)
    throw new Error('PDS_BROWSER_CLIENT_ID is missing: set it to the id of the browser application')
  return (
    <main>
      <h1>My drive</h1>
      <BrowserAccount apiEndpoint={fromEnv().transport.api_endpoint} clientId={clientId} />
    </main>
  )
}
