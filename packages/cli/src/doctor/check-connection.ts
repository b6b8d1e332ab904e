import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Text } from '../output/text.ts'
import { type Check, type CheckResult, networkAdvice, reasonOf } from './check.ts'
import { explainCertificate } from './explain-certificate.ts'

/** Checks whether the service, or the proxy, accepts connections, and whether its certificate is valid. Sends no data. */
export const checkConnection: Check = {
  name: 'connection',
  title: { en: 'Connection', zh: '连接' },
  needs: ['dns'],
  timeoutAdvice: networkAdvice,
  async run({ named, proxy }, signal) {
    const url = proxy ?? new URL(named?.profile.api_endpoint as string)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const isSecure = url.protocol === 'https:'
    const port = Number(url.port || (isSecure ? 443 : 80))
    let socket: Socket | undefined
    try {
      socket = connect({ host, port })
      await once(socket, 'connect', { signal })
      if (!isSecure) return { state: 'ok', text: reached(host, port) }
      const secure = connectTls({
        socket,
        host,
        // A server name must not be an address (RFC 6066 section 3).
        ...(!isIP(host) && { servername: host }),
        // Only to say what is wrong with the certificate.
        rejectUnauthorized: false,
      })
      socket = secure
      await once(secure, 'secureConnect', { signal })
      return describe(secure, host)
    } catch (error) {
      if (signal.aborted) throw error
      return notConnected(host, port, reasonOf(error), socket !== undefined && 'authorized' in socket)
    } finally {
      socket?.destroy()
    }
  },
}

function reached(host: string, port: number): Text {
  return { en: `${host} accepts connections at port ${port}`, zh: `${host} 的端口 ${port} 可以连接` }
}

function describe(socket: TLSSocket, host: string): CheckResult {
  const certificate = socket.getPeerCertificate()
  const code = socket.authorizationError as unknown as string | null
  if (code) return explainCertificate(code, host, certificate)
  const protocol = socket.getProtocol()
  const { O, CN } = certificate.issuer ?? {}
  const text: Text = {
    en: `${protocol}, certificate by ${O ?? CN}, valid until ${certificate.valid_to}`,
    zh: `${protocol}，证书颁发者 ${O ?? CN}，有效期至 ${certificate.valid_to}`,
  }
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return { state: 'ok', text }
  return {
    state: 'warn',
    text: {
      en: 'NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked, so others can read the tokens',
      zh: 'NODE_TLS_REJECT_UNAUTHORIZED=0：不检查证书，他人可能读取令牌',
    },
    advice: {
      en: 'Remove the variable. For a private authority, set NODE_EXTRA_CA_CERTS to its certificate.',
      zh: '请移除该变量。对于私有证书颁发机构，请将 NODE_EXTRA_CA_CERTS 设为其证书。',
    },
  }
}

function notConnected(host: string, port: number, reason: string, isInHandshake: boolean): CheckResult {
  const phase: Text = isInHandshake
    ? { en: `the TLS handshake with ${host}:${port} failed`, zh: `与 ${host}:${port} 的 TLS 握手失败` }
    : { en: `${host}:${port} cannot be reached`, zh: `无法连接 ${host}:${port}` }
  return {
    state: 'fail',
    text: { en: `${phase.en} (${reason})`, zh: `${phase.zh}（${reason}）` },
    advice: {
      en: 'Check the URL of the service in the profile. A firewall may block the port, or the network may need a proxy.',
      zh: '请检查配置中的服务地址。防火墙可能阻止了该端口，或者网络需要代理。',
    },
  }
}
