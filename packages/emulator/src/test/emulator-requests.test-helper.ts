import { randomUUID } from 'node:crypto'
import { createEmulator, type Emulator, type EmulatorOptions } from '@pds/emulator'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import { beforeEach } from 'vitest'

/* Requests to an emulator as clients send them. Tests can change every field. */

const origin = 'http://domain.test'
export const startTime = Date.parse('2026-01-02T03:04:05Z')
export const redirect_uri = 'http://127.0.0.1:3000/callback'
/** The emulator of the current test. Its clock stops at `startTime` until a test advances it. */
export let emulator: Emulator

/** Creates a new emulator for each test of a file. */
export function createEmulatorBeforeEach(options: EmulatorOptions = {}): void {
  beforeEach(async () => {
    emulator = await createEmulator({ clock: () => startTime, ...options })
  })
}

export type Fields = Record<string, unknown>

export async function send(
  path: string,
  init: RequestInit,
): Promise<{ status: number; body: Fields; headers: Headers }> {
  const response = await emulator.fetch(new Request(origin + path, init))
  const text = await response.text()
  const body = (text === '' ? {} : JSON.parse(text)) as Fields
  return { status: response.status, body, headers: response.headers }
}

export const postForm = (form: Record<string, string> | string) =>
  send('/v2/oauth/token', { method: 'POST', body: new URLSearchParams(form) })

export const postJson = (path: string, json: unknown, headers: Record<string, string> = {}) =>
  send(path, {
    method: 'POST',
    body: typeof json === 'string' ? json : JSON.stringify(json),
    headers: { 'content-type': 'application/json', ...headers },
  })

export const getUser = (access_token: unknown, json: unknown = {}) =>
  postJson('/v2/user/get', json, { authorization: `Bearer ${access_token}` })

export function claims(changes: Fields = {}): Fields {
  const now = emulator.clock.now() / 1000
  return {
    iss: 'jwt-app',
    sub: 'user-1',
    sub_type: 'user',
    aud: 'local',
    jti: randomUUID(),
    exp: now + 300,
    iat: now - 300,
    ...changes,
  }
}

export interface SigningOptions {
  header?: Fields
  key?: string
}

export async function sign(payload: Fields, { header = {}, key }: SigningOptions = {}): Promise<string> {
  const alg = (header.alg as string | undefined) ?? 'RS256'
  const privateKey: CryptoKey = await importPKCS8(key ?? emulator.app('jwt').private_key_pem ?? '', alg)
  return new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(privateKey)
}

export const grantByAssertion = (assertion: string, changes: Record<string, string> = {}) =>
  postForm({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_id: 'jwt-app',
    assertion,
    ...changes,
  })

export const getJwtToken = async (changes: Fields = {}) => grantByAssertion(await sign(claims(changes)))

export async function authorize(changes: Record<string, string> = {}) {
  const query = new URLSearchParams({
    client_id: 'webserver-app',
    redirect_uri,
    response_type: 'code',
    login_type: 'default',
    user_id: 'user-1',
    ...changes,
  })
  const { status, headers, body } = await send(`/v2/oauth/authorize?${query}`, { redirect: 'manual' })
  const location = headers.get('location')
  return { status, body, callback: location === null ? undefined : new URL(location).searchParams }
}

export async function getCode(changes: Record<string, string> = {}): Promise<string> {
  const { callback } = await authorize(changes)
  return callback?.get('code') ?? ''
}

export const exchange = (code: string, changes: Record<string, string> = {}) =>
  postForm({
    grant_type: 'authorization_code',
    client_id: 'webserver-app',
    client_secret: 'webserver-app-secret',
    redirect_uri,
    code,
    ...changes,
  })

export const refreshOAuth = (refresh_token: unknown, changes: Record<string, string> = {}) =>
  postForm({
    grant_type: 'refresh_token',
    client_id: 'webserver-app',
    client_secret: 'webserver-app-secret',
    redirect_uri,
    refresh_token: String(refresh_token),
    ...changes,
  })

export const refreshJwt = (refresh_token: unknown, changes: Fields = {}) =>
  postJson('/v2/account/token', { app_id: 'jwt-app', refresh_token, grant_type: 'refresh_token', ...changes })

export const revoke = (refresh_token: unknown, changes: Fields = {}) =>
  postJson('/v2/account/revoke', { app_id: 'webserver-app', refresh_token, ...changes })

export const signIn = async () => (await exchange(await getCode())).body
