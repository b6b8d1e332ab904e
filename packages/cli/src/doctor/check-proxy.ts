import type { Text } from '../output/text.ts'
import { type Check, type CheckResult, same } from './check.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Checks the proxy variables, which Node.js ignores by default. */
export const checkProxy: Check = {
  name: 'proxy',
  title: { en: 'Proxy', zh: '代理' },
  async run(facts) {
    const endpoint = facts.named && new URL(facts.named.profile.api_endpoint)
    const { proxy, ...result } = findProxy(endpoint, process.env, process.execArgv)
    if (proxy) facts.proxy = proxy
    return result
  },
}

/**
 * Returns what the variables mean, and the proxy that requests to an endpoint use. `undici` is the version of the HTTP client
 * in Node.js.
 */
export function findProxy(
  endpoint: URL | undefined,
  env: Environment,
  execArgv: readonly string[] = [],
  undici: string = process.versions.undici ?? '',
): CheckResult & { proxy?: URL } {
  const names = ['https_proxy', 'http_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()])
  const found = names.filter((name) => env[name])
  if (found.length === 0) return { state: 'ok', text: { en: 'none', zh: '无' } }
  const shown = found.map((name) => `${name}=${withoutCredentials(env[name] as string)}`).join(', ')
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  const isOn = env.NODE_USE_ENV_PROXY === '1' || options.includes('--use-env-proxy')
  if (!isOn) {
    return {
      state: 'warn',
      text: { en: `Node.js ignores ${shown}`, zh: `Node.js 忽略 ${shown}` },
      advice: {
        en: 'If the network needs the proxy, set NODE_USE_ENV_PROXY=1 (Node.js 22.21, 24 or newer).',
        zh: '如果网络需要代理，请设置 NODE_USE_ENV_PROXY=1（Node.js 22.21、24 或更新版本）。',
      },
    }
  }
  // As undici's EnvHttpProxyAgent: an empty variable in lower case counts, and https: also uses the proxy of http:.
  const isHttp = endpoint?.protocol === 'http:'
  const https = isHttp ? undefined : (env.https_proxy ?? env.HTTPS_PROXY)
  const used = https || (env.http_proxy ?? env.HTTP_PROXY)
  const scheme = isHttp || !https ? 'http_proxy' : 'https_proxy'
  if (!used)
    return { state: 'warn', text: direct(shown), advice: onlyAll(isHttp ? 'http_proxy' : 'https_proxy') }
  if (!URL.canParse(used) || !/^https?:$/.test(new URL(used).protocol)) {
    return {
      state: 'fail',
      text: { en: `${scheme} is not a URL`, zh: `${scheme} 不是有效的地址` },
      advice: { en: 'Set it to a URL, such as http://host:8080', zh: '请设置为地址，例如 http://host:8080' },
    }
  }
  if (endpoint && isExcluded(endpoint, env.no_proxy ?? env.NO_PROXY ?? '', undici)) {
    return {
      state: 'ok',
      text: { en: `${shown}, not used because of NO_PROXY`, zh: `${shown}，因 NO_PROXY 而不使用` },
    }
  }
  return { state: 'ok', text: same(shown), proxy: new URL(used) }
}

/** Checks whether `NO_PROXY` has the host of a URL, as undici's EnvHttpProxyAgent does. */
function isExcluded({ hostname, port, protocol }: URL, list: string, undici: string): boolean {
  if (list === '*') return true
  const realPort = port || (protocol === 'http:' ? '80' : '443')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, host = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (onlyPort !== undefined && onlyPort !== realPort) return false
      // Node.js 22.
      if (Number.parseInt(undici, 10) < 7)
        return /^[.*]/.test(host) ? hostname.endsWith(host.replace(/^\*/, '')) : hostname === host
      const name = host.replace(/^\*?\./, '')
      return hostname === name || hostname.endsWith(`.${name}`)
    })
}

function direct(shown: string): Text {
  return {
    en: `${shown}, but no proxy for the scheme of this service`,
    zh: `${shown}，但均不适用于此服务`,
  }
}

function onlyAll(scheme: string): Text {
  const name = scheme.toUpperCase()
  return {
    en: `If the network needs the proxy, set ${name}. Node.js does not read ALL_PROXY.`,
    zh: `如果网络需要代理，请设置 ${name}。Node.js 不读取 ALL_PROXY。`,
  }
}

/** The scheme, host and port of a proxy: its URL often has a password. */
function withoutCredentials(proxy: string): string {
  if (!URL.canParse(proxy)) return '***'
  const { protocol, host } = new URL(proxy)
  return host === '' ? '***' : `${protocol}//${host}`
}
