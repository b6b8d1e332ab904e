/** Which requests a service rejects with status 429. */
export type ServiceLimit =
  /** Those beyond a number of requests that are under way. Its responses have no `Retry-After`. */
  | { readonly atATime: number }
  /** Those beyond a number of requests in a second. Its responses have `Retry-After: 1`. */
  | { readonly perSecond: number }

/** A request to the process of the service: it starts another service, or only reads its numbers. */
export interface ServiceRequest {
  readonly start?: { readonly limit: ServiceLimit; readonly user_ids: readonly string[] }
}

export interface ServiceResponse {
  readonly api_endpoint: string
  /** Its JWT application. */
  readonly application: {
    readonly domain_id: string
    readonly client_id: string
    readonly private_key_pem: string
  }
  /** The number of rejected requests. */
  readonly rejected: number
  /** The user of each token that was issued, in the order of the tokens. */
  readonly granted: readonly string[]
}
