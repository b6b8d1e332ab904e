import { TestEnvironment } from 'jest-environment-jsdom'

const { AbortController, AbortSignal, Headers, Request, Response, fetch } = globalThis
const { ReadableStream, TextDecoder, TextEncoder, crypto, structuredClone } = globalThis

/** jsdom with the network, the streams and WebCrypto of Node.js. */
export default class extends TestEnvironment {
  // Jest would select the builds for browsers, which cannot sign.
  exportConditions() {
    return ['node', 'node-addons']
  }

  async setup() {
    await super.setup()
    Object.assign(this.global, { AbortController, AbortSignal, Headers, Request, Response, fetch })
    Object.assign(this.global, { ReadableStream, TextDecoder, TextEncoder, structuredClone })
    Object.defineProperty(this.global, 'crypto', { value: crypto })
  }
}
