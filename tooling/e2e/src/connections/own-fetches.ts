import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { PDSFetch } from '@pds/core'
import nodeFetch3 from 'node-fetch'
// @ts-expect-error Its types are in another package.
import nodeFetch2 from 'node-fetch-2'
import * as undici7 from 'undici'
import * as undici6 from 'undici-6'
import * as undici8 from 'undici-8'

/** A fetch of an npm package, which trusts the authority of a certificate. */
export interface OwnFetch {
  fetch: PDSFetch
  close(): Promise<void>
}

type Undici = Pick<typeof undici7, 'fetch' | 'Agent'>
type NodeFetch = (url: string, init: object) => Promise<unknown>

function withUndici({ fetch, Agent }: Undici, authority: string, allowH2: boolean): OwnFetch {
  const dispatcher = new Agent({ connect: { ca: authority }, allowH2 })
  return {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    close: () => dispatcher.destroy(),
  }
}

function withNodeFetch(fetch: unknown, authority: string): OwnFetch {
  // Two addresses, as most hosts have: if both refuse the connection, the error has no message.
  const lookup = ((_host, { all }, done) => {
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    return all ? done(null, addresses) : done(null, '127.0.0.1', 4)
  }) as LookupFunction
  const agents = { 'http:': new HttpAgent({ lookup }), 'https:': new HttpsAgent({ lookup, ca: authority }) }
  const agent = ({ protocol }: URL) => agents[protocol as keyof typeof agents]
  return {
    fetch: (url, init) => (fetch as NodeFetch)(url, { ...init, agent }) as ReturnType<PDSFetch>,
    async close() {
      for (const each of Object.values(agents)) each.destroy()
    },
  }
}

/** The versions of undici: those of Node.js 22, 24 and 26, and HTTP/2. */
export const undiciFetches: Record<string, (authority: string) => OwnFetch> = {
  'undici 6': (authority) => withUndici(undici6 as unknown as Undici, authority, false),
  'undici 7': (authority) => withUndici(undici7, authority, false),
  'undici 8': (authority) => withUndici(undici8 as unknown as Undici, authority, false),
  'undici 8 with HTTP/2': (authority) => withUndici(undici8 as unknown as Undici, authority, true),
}

export const nodeFetches: Record<string, (authority: string) => OwnFetch> = {
  'node-fetch 2': (authority) => withNodeFetch(nodeFetch2, authority),
  'node-fetch 3': (authority) => withNodeFetch(nodeFetch3, authority),
}
