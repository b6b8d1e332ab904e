import {
  type CryptoKey,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importJWK,
  importPKCS8,
  importSPKI,
} from 'jose'
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
  /** The private key, as PEM (PKCS#8). Absent if `public_key_pem` was given. */
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
  /** The client secret of a `webserver` application. Public clients have none (RFC 6749 section 2.1). */
  client_secret?: string
  /** The redirect URIs that the application registered. */
  redirect_uris: readonly string[]
}

/** An application of the domain. */
export type EmulatorApp = JwtApp | OAuthApp

/** A registered application. A JWT application has its imported public key. */
export type RegisteredApp = { app: OAuthApp } | { app: JwtApp; publicKey: CryptoKey }

/** Registers an application. Creates a key pair for a JWT application without `public_key_pem`. */
export async function registerApp(options: JwtAppOptions | OAuthAppOptions): Promise<RegisteredApp> {
  const name = options.name ?? options.client_id
  if (options.type !== 'jwt') {
    if (options.type === 'webserver' && !options.client_secret) {
      throw new TypeError(
        `apps: client_secret is required for the webserver application ${options.client_id}`,
      )
    }
    const invalid = options.redirect_uris.find((uri) => !URL.canParse(uri))
    if (invalid !== undefined) {
      throw new TypeError(
        `apps: redirect_uris of ${options.client_id} must be absolute URLs (received ${invalid})`,
      )
    }
    return { app: { ...options, name } }
  }
  const { type, client_id, public_key_pem, private_key_pem } = options
  if (private_key_pem !== undefined) {
    if (public_key_pem !== undefined) {
      throw new TypeError(`apps: pass public_key_pem or private_key_pem for ${client_id}, not both`)
    }
    const publicKey = await publicKeyOf(private_key_pem)
    return {
      app: { type, client_id, name, public_key_pem: await exportSPKI(publicKey), private_key_pem },
      publicKey,
    }
  }
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

async function publicKeyOf(private_key_pem: string): Promise<CryptoKey> {
  const privateKey = await importPKCS8(private_key_pem, 'RS256', { extractable: true })
  const { kty = '', n = '', e = '' } = await exportJWK(privateKey)
  return (await importJWK({ kty, n, e }, 'RS256', { extractable: true })) as CryptoKey
}

/**
 * Checks whether the application registered a redirect URI. The strings must be equal (RFC 9700 section 2.1), except
 * for the port of a native application's loopback address (RFC 8252 section 7.3). The vendor does not document how it
 * compares redirect URIs.
 */
export function isRegisteredRedirectUri(app: OAuthApp, redirectUri: string): boolean {
  return app.redirect_uris.some(
    (registered) =>
      registered === redirectUri ||
      (app.type === 'native' &&
        isLoopback(registered) &&
        withoutPort(registered) === withoutPort(redirectUri) &&
        // The port may be too large.
        URL.canParse(redirectUri)),
  )
}

function isLoopback(uri: string): boolean {
  return /^http:\/\/(127\.0\.0\.1|\[::1\])[:/]/.test(uri)
}

function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d+/, '$1')
}
