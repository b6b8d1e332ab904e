import { createHash, randomUUID, webcrypto } from 'node:crypto'
import { createContext, Script } from 'node:vm'

/** A realm with the globals of React Native and without those of Node.js. */
export interface ReactNativeRealm {
  /** Evaluates an expression, and returns its value. */
  evaluate(expression: string): unknown
}

/** The body and the headers of a request of XMLHttpRequest, as React Native passes them to native code. */
interface NativeRequest {
  method: string
  url: string
  data: { string?: string }
  headers: Record<string, string>
  responseType: 'text' | 'base64'
}

/**
 * Returns a function that runs a bundle of `bundleWithMetro` in a new realm each time.
 *
 * The realm has what Hermes and the native code of React Native 0.88 provide: the timers, `queueMicrotask`,
 * `performance.now`, and of Hermes `TextEncoder`, `atob` and `btoa` (lib/VM/JSLib of facebook/hermes). All other globals come
 * from the JavaScript of React Native in the bundle: `fetch` over XMLHttpRequest, `URL`, `AbortSignal`. Thus there is no
 * `crypto`, `DOMException`, `BroadcastChannel`, `MessageChannel`, `indexedDB`, `document` or `structuredClone`.
 */
export function reactNativeRealms(
  bundle: string,
): (nativeModules: object, env?: Record<string, string>) => ReactNativeRealm {
  const script = new Script(bundle, { filename: 'bundle.js' })
  return (nativeModules, env = {}) => {
    const realm = createContext({
      clearInterval,
      clearTimeout,
      // Numbers, which do not keep this process alive.
      setInterval: (...args: Parameters<typeof setInterval>) => Number(setInterval(...args).unref()),
      setTimeout: (...args: Parameters<typeof setTimeout>) => Number(setTimeout(...args).unref()),
      queueMicrotask,
      performance: { now: () => performance.now() },
      TextEncoder,
      atob,
      btoa,
      console,
      nativeModuleProxy: {
        Networking: nativeNetworking((name, args) => realm.emitDeviceEvent?.(name, args)),
      },
      nativeModules,
      process: { env },
    })
    script.runInContext(realm)
    return { evaluate: (expression) => new Script(expression).runInContext(realm) }
  }
}

/** The native module that sends requests. Like NSURLSession and OkHttp, it follows redirects. */
function nativeNetworking(emit: (name: string, args: unknown[]) => void): object {
  const requests = new Map<number, AbortController>()
  let last = 0

  async function send(
    id: number,
    { method, url, data, headers, responseType }: NativeRequest,
  ): Promise<void> {
    const { signal } = requests.get(id) as AbortController
    try {
      const response = await fetch(url, {
        method,
        headers,
        ...(data.string && { body: data.string }),
        signal,
      })
      const { status } = response
      emit('didReceiveNetworkResponse', [id, status, Object.fromEntries(response.headers), response.url])
      const body = Buffer.from(await response.arrayBuffer())
      emit('didReceiveNetworkData', [id, body.toString(responseType === 'base64' ? 'base64' : 'utf8')])
      emit('didCompleteNetworkResponse', [id, null, false])
    } catch (error) {
      emit('didCompleteNetworkResponse', [id, String(error), false])
    } finally {
      requests.delete(id)
    }
  }

  return {
    sendRequest(request: NativeRequest, callback: (id: number) => void) {
      const id = ++last
      requests.set(id, new AbortController())
      callback(id)
      void send(id, request)
    },
    abortRequest: (id: number) => requests.get(id)?.abort(),
    addListener() {},
    removeListeners() {},
  }
}

/** Stand-ins for the native modules that the file `polyfills.ts` of the example imports. */
export const nativeModules: Readonly<Record<string, object>> = {
  'expo-crypto': {
    randomUUID,
    getRandomValues: (array: Uint8Array) => webcrypto.getRandomValues(array),
    digest: async (algorithm: string, data: Uint8Array) =>
      new Uint8Array(createHash(algorithm).update(data).digest()).buffer,
  },
  'react-native': { NativeModules: {}, Platform: { OS: 'ios', Version: '26.0' } },
}
