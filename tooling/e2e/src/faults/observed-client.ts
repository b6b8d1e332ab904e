import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { PDSClient, type PDSClientConfig } from '@pds/client'
import type { IPDSRequestConfig, PDSFetch, PDSHooks } from '@pds/core'
import type { ITokenInfo } from '@pds/types'
import { Canaries } from './canaries.ts'
import type { PreparedCall, TestDomain } from './methods.ts'

/** Records all output of a client and searches it for secrets. */
export class ObservedClient {
  readonly client: PDSClient
  /** The number of calls of its fetch. */
  attempts = 0
  readonly #canaries = new Canaries()
  readonly #seen: Record<string, unknown[]> = {
    channel: [],
    hooks: [],
    logger: [],
    events: [],
    results: [],
  }
  readonly #options: IPDSRequestConfig

  constructor(domain: TestDomain, call: PreparedCall, config: Partial<PDSClientConfig> = {}) {
    const cookie = 'canary-Wq3fZ8vN1kTs'
    const apiKey = 'canary-hB7yR2mLx0Jc'
    const shareToken = 'canary-Pd5uG9eKo4Va'
    this.#canaries.addKey(domain.private_key_pem, domain.passphrase)
    for (const secret of [domain.client_secret, cookie, apiKey, shareToken, ...call.secrets])
      this.#canaries.add(secret)
    this.#options = {
      headers: { cookie: `sid=${cookie}`, 'x-api-key': apiKey, 'x-share-token': shareToken },
      params: { access_token: apiKey },
    }
    const record = (event: unknown) => void this.#seen.hooks?.push(event)
    const observing: PDSHooks = {
      beforeRequest: record,
      afterResponse: record,
      beforeRetry: record,
      beforeError: record,
    }
    const { fetch: send = fetch as PDSFetch } = config
    this.client = new PDSClient({
      api_endpoint: domain.emulator.api_endpoint,
      verbose: true,
      logger: (...line) => void this.#seen.logger?.push(line),
      ...config,
      hooks: [observing, ...[config.hooks ?? []].flat()],
      fetch: (url, init) => {
        this.attempts++
        const assertion = new URLSearchParams(init.body).get('assertion')
        if (assertion !== null) this.#canaries.add(assertion)
        return send(url, init)
      },
    })
    this.client.on('error', (...event) => void this.#seen.events?.push(event))
  }

  /** Makes the call with secrets in its headers and its query, and returns its error or undefined. */
  async make(call: PreparedCall, options: IPDSRequestConfig = {}): Promise<unknown> {
    const publish = (message: unknown) => void this.#seen.channel?.push(message)
    subscribe('pds:request', publish)
    try {
      const response = (await call.make(this.client, { ...this.#options, ...options })) as Partial<ITokenInfo>
      for (const secret of [response.access_token, response.refresh_token]) {
        // Not a text with spaces: a server may echo the request in these fields.
        if (typeof secret === 'string' && /^[\w.-]+$/.test(secret)) this.#canaries.add(secret)
      }
      return undefined
    } catch (error) {
      this.#seen.results?.push(error)
      return error
    } finally {
      unsubscribe('pds:request', publish)
    }
  }

  /** Returns the leaked secrets by source. Searches further values too. */
  leaks(further: Record<string, unknown> = {}): string[] {
    const sources = { ...this.#seen, client: this.client, ...further }
    return Object.entries(sources).flatMap(([source, values]) => {
      const found = this.#canaries.in(values)
      return found.length > 0 ? [`${source}: ${found.join(', ')}`] : []
    })
  }
}
