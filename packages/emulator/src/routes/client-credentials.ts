import { notMatch, type ServiceError, wrongFormat } from '../domain/service-error.ts'
import type { Params } from './params.ts'

/**
 * Returns the parameters of a request with the client credentials of its `Authorization` header (RFC 6749 section
 * 2.3.1). Returns them unchanged without such a header.
 *
 * The vendor documents only credentials in the body. Throws the service's error for a malformed header, and for
 * credentials in both places.
 */
export function withBasicCredentials(params: Params, authorization: string | undefined): Params {
  const [, encoded] = /^Basic +([\w+/=-]*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return params
  const { client_id, client_secret } = decodeCredentials(encoded)
  if (params.has('client_secret')) {
    throw wrongFormat('client_secret', 'the request has an Authorization header, too')
  }
  if ((params.get('client_id') ?? client_id) !== client_id) {
    throw notMatch('client_id', 'it is not the client_id of the Authorization header')
  }
  const merged = new Map(params).set('client_id', client_id)
  // A public client has no secret. It sends an empty one.
  return client_secret === '' ? merged : merged.set('client_secret', client_secret)
}

function decodeCredentials(encoded: string): { client_id: string; client_secret: string } {
  try {
    const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(atob(encoded)) ?? []
    return { client_id: decodeFormValue(id), client_secret: decodeFormValue(secret) }
  } catch {
    throw wrongFormat('Authorization', 'it must be Basic with the form-encoded client_id and client_secret')
  }
}

function decodeFormValue(value: string): string {
  return decodeURIComponent(value.replaceAll('+', ' '))
}

/** Checks whether a request failed because of its client credentials. */
export function isAuthenticationError({ field }: ServiceError): boolean {
  return ['Authorization', 'client_id', 'client_secret'].includes(field ?? '')
}
