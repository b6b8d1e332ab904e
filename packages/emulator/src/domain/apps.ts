import { type CryptoKey, exportPKCS8, exportSPKI, generateKeyPair, importSPKI } from 'jose'
import type { JwtAppOptions, OAuthAppOptions } from './options.ts'

/** A JWT application of the domain. */
export interface JwtApp {
  /** `jwt`. */
  type: 'jwt'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application. */
  name: string
  /** The public key, as PEM (SPKI). */
  public_key_pem: string
  /** The private key as PEM (PKCS#8), where the emulator made the pair. */
  private_key_pem?: string
}

/** An OAuth application of the domain. */
export interface OAuthApp {
  /** Where the application runs: on a web server, native (desktop or mobile), or in a browser. */
  type: 'webserver' | 'native' | 'browser'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application, which the consent page shows. */
  name: string
  /** The secret of a `webserver` application; public clients have none (RFC 6749 section 2.1). */
  client_secret?: string
  /** The redirect URIs that the application registered. */
  redirect_uris: readonly string[]
}

/** An application of the domain. */
export type EmulatorApp = JwtApp | OAuthApp

/** An application as the domain keeps it, with its public key ready for use. */
export type RegisteredApp = { app: OAuthApp } | { app: JwtApp; publicKey: CryptoKey }

/** Registers an application, and makes the key pair of a JWT application that brings no public key. */
export async function registerApp(options: JwtAppOptions | OAuthAppOptions): Promise<RegisteredApp> {
  const name = options.name ?? options.client_id
  if (options.type !== 'jwt') {
    if (options.type === 'webserver' && !options.client_secret) {
      throw new TypeError(`application ${options.client_id}: a webserver application needs a client_secret`)
    }
    return { app: { ...options, name } }
  }
  const { type, client_id, public_key_pem } = options
  if (public_key_pem !== undefined) {
    const publicKey = await importSPKI(public_key_pem, 'RS256')
    return { app: { type, client_id, name, public_key_pem }, publicKey }
  }
  const pair = await generateKeyPair('RS256', { extractable: true })
  const app: JwtApp = {
    type,
    client_id,
    name,
    public_key_pem: await exportSPKI(pair.publicKey),
    private_key_pem: await exportPKCS8(pair.privateKey),
  }
  return { app, publicKey: pair.publicKey }
}

/**
 * Whether a redirect URI is one that the application registered: the same string (RFC 9700 section 2.1), but for
 * the port of a native application's loopback address (RFC 8252 section 7.3). The vendor does not say.
 */
export function isRegisteredRedirectUri(app: OAuthApp, redirectUri: string): boolean {
  return app.redirect_uris.some(
    (registered) =>
      registered === redirectUri ||
      (app.type === 'native' &&
        isLoopback(registered) &&
        withoutPort(registered) === withoutPort(redirectUri)),
  )
}

function isLoopback(uri: string): boolean {
  return /^http:\/\/(127\.0\.0\.1|\[::1\])[:/]/.test(uri)
}

function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d+/, '$1')
}
