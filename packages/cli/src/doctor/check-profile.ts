import { isLoopback } from '@pds/core/internal'
import { CliError } from '../output/cli-error.ts'
import { type NamedProfile, Profiles } from '../profile/profiles.ts'
import type { Check } from './check.ts'

/** Checks whether the profile exists and is readable, and whether its endpoint is a URL. */
export const checkProfile: Check = {
  name: 'profile',
  title: { en: 'Profile', zh: '配置' },
  async run(facts) {
    let named: NamedProfile
    try {
      named = new Profiles(facts.folders.config).find(facts.options.profile)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      // Without any profile, everything may be right so far.
      return { state: error.code === 'LoginRequired' ? 'skip' : 'fail', text: error.text }
    }
    const { name, profile } = named
    const { api_endpoint, client_id, type } = profile
    const { protocol = '', hostname = '' } = URL.canParse(api_endpoint) ? new URL(api_endpoint) : {}
    if (protocol !== 'https:' && protocol !== 'http:') {
      return {
        state: 'fail',
        text: { en: `the URL of the service in ${name} is invalid`, zh: `配置 ${name} 中的服务地址无效` },
        advice: {
          en: `Run: pds login --profile ${name} --endpoint <URL>`,
          zh: `请运行：pds login --profile ${name} --endpoint <URL>`,
        },
      }
    }
    facts.named = named
    const text = `${name}: ${api_endpoint}, ${client_id} (${type})`
    if (protocol === 'https:' || isLoopback(hostname)) return { state: 'ok', text: { en: text, zh: text } }
    return {
      state: 'warn',
      text: {
        en: `${text}. Without https:, others in the network can read the tokens`,
        zh: `${text}。不使用 https: 时，网络中的其他人可以读取令牌`,
      },
      advice: {
        en: `Run: pds login --profile ${name} --endpoint https://…`,
        zh: `请运行：pds login --profile ${name} --endpoint https://…`,
      },
    }
  },
}
