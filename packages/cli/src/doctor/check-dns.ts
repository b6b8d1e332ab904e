import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type Check, networkAdvice, reasonOf } from './check.ts'

/** Checks whether the name of the service, or of the proxy, has addresses. */
export const checkDns: Check = {
  name: 'dns',
  title: { en: 'DNS', zh: 'DNS' },
  needs: ['profile'],
  timeoutAdvice: networkAdvice,
  async run({ named, proxy }) {
    const { hostname } = proxy ?? new URL(named?.profile.api_endpoint as string)
    const host = hostname.replace(/^\[|\]$/g, '')
    if (isIP(host)) return { state: 'ok', text: { en: `${host} is an address`, zh: `${host} 是地址` } }
    try {
      const found = await lookup(host, { all: true })
      const addresses = found.map(({ address }) => address).join(', ')
      return { state: 'ok', text: { en: `${host} has ${addresses}`, zh: `${host} 解析为 ${addresses}` } }
    } catch (error) {
      const reason = reasonOf(error)
      return {
        state: 'fail',
        text: { en: `${host} has no address (${reason})`, zh: `${host} 无法解析（${reason}）` },
        advice: {
          en: 'Check the network, the VPN and the DNS server. If only this name fails, check the id of the domain.',
          zh: '请检查网络、VPN 和 DNS 服务器。如果只有此名称无法解析，请检查域 ID。',
        },
      }
    }
  },
}
