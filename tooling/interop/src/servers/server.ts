import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PDSServerMetadata, PDSTransportConfig } from '@pds/core'
import type { AuthMethod, Subject } from '../results.ts'

/** An application that is registered at a server. */
export interface App {
  client_id: string
  client_secret?: string
  redirect_uri: string
}

/** An OAuth 2.0 server that was not written here. */
export interface Server extends Subject<'servers'> {
  /** The parameters of the sign-in that it needs. */
  params: { scope?: string; prompt?: string; login_type?: null }
  issuesIdTokens: boolean
  /** Whether a refresh returns another refresh token. */
  rotates(auth: AuthMethod): boolean
  start(): Promise<RunningServer>
}

/** A server that listens on the loopback interface. */
export interface RunningServer {
  /** The options of a transport for the server. */
  config: PDSTransportConfig
  /** Its applications, by their method of client authentication. */
  apps: Record<AuthMethod, App>
  /** Signs a user in as a browser does. Returns the callback URL. */
  signIn(url: string): Promise<string>
  /** Returns whether the server accepts an access token. */
  isValid(access_token: string): Promise<boolean>
  close(): Promise<void>
}

/** The tests do not send requests to it: they read the callback URL from the redirect. */
export const redirect_uri = 'https://app.example.com/callback'

/** Starts an HTTP server on a free port of the loopback interface. The handler is created with its origin. */
export async function listen(
  createHandler: (origin: string) => RequestListener,
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', createHandler(origin))
  return {
    origin,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Returns the metadata of a server (RFC 8414, or OpenID Connect Discovery). */
export async function fetchMetadata(
  url: string,
): Promise<PDSServerMetadata & { userinfo_endpoint: string; jwks_uri: string }> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: status ${response.status}`)
  return response.json()
}
