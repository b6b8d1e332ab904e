import type { Text } from '../output/text.ts'
import { type Check, type CheckResult, networkAdvice, reasonOf } from './check.ts'

/** Checks whether the service responds as PDS does, to a call without a token. */
export const checkEndpoint: Check = {
  name: 'endpoint',
  title: { en: 'Service', zh: '服务' },
  needs: ['connection'],
  timeoutAdvice: networkAdvice,
  async run(facts, signal) {
    const api_endpoint = facts.named?.profile.api_endpoint as string
    const startedAt = Date.now()
    let response: Response
    let body: string
    try {
      response = await fetch(`${api_endpoint}/v2/user/get`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        redirect: 'manual',
        signal,
      })
      body = await response.text()
    } catch (error) {
      if (signal.aborted) throw error
      const reason = reasonOf(error)
      return failed(
        { en: `no response arrived (${reason})`, zh: `没有收到响应（${reason}）` },
        {
          en: 'Check the URL of the service in the profile, the firewall and the proxy.',
          zh: '请检查配置中的服务地址、防火墙和代理。',
        },
      )
    }
    const { status, headers } = response
    const date = Date.parse(headers.get('date') ?? '')
    // The header has whole seconds.
    if (!Number.isNaN(date)) facts.clockOffset = date + 500 - (startedAt + Date.now()) / 2
    if (!isFromService(response, body)) {
      const type = headers.get('content-type') ?? '?'
      const location = headers.get('location')
      const to =
        location && URL.canParse(location, api_endpoint) ? ` → ${new URL(location, api_endpoint).host}` : ''
      return failed(
        {
          en: `the response does not look like PDS (status ${status}, ${type}${to})`,
          zh: `响应不像来自 PDS（状态 ${status}，${type}${to}）`,
        },
        {
          en: 'Check the URL of the service in the profile. In a public network, open a web page first: it may ask for a login.',
          zh: '请检查配置中的服务地址。在公共网络中，请先打开一个网页：可能需要登录网络。',
        },
      )
    }
    const took = Date.now() - startedAt
    const text = {
      en: `responds in ${took} ms (status ${status})`,
      zh: `在 ${took} 毫秒内响应（状态 ${status}）`,
    }
    if (status < 500) return { state: 'ok', text }
    return {
      state: 'warn',
      text,
      advice: { en: 'The service has a failure. Try again later.', zh: '服务出现故障。请稍后重试。' },
    }
  },
}

function failed(text: Text, advice: Text): CheckResult {
  return { state: 'fail', text, advice }
}

/** The service sends a JSON body with a code, and its gateway a status and headers. */
function isFromService({ status, headers }: Response, body: string): boolean {
  if (status >= 400 && ['x-ca-request-id', 'x-ca-error-code'].some((name) => headers.has(name))) return true
  try {
    const { code, Code } = Object(JSON.parse(body))
    return typeof (code ?? Code) === 'string'
  } catch {
    return false
  }
}
