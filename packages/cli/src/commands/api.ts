import { addAbortSignal } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { openAccount } from '../account/open-account.ts'
import { CliError, usageError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'
import { withProgress } from '../output/progress.ts'
import type { CommandContext } from './command.ts'
import { type AccountValues, getToken } from './token.ts'

/** Calls the service with the token, and writes the body of the response. */
export async function run(
  values: AccountValues & { path: string; body?: string },
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context
  const path = readPath(values.path)
  const body = checkJson(await readBody(values.body, signal))
  const account = await openAccount(values, output)
  try {
    const { access_token } = await getToken(account, values.user, context)
    const { api_endpoint } = account.profile
    const send = (headers: Record<string, string>) =>
      account.session.fetch(`${api_endpoint}/v2/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      })
    const call = async () => {
      // The session may have tried to renew this token in vain. Then it gives it to no caller although it is still valid.
      const response = await send({ authorization: `Bearer ${access_token}` })
      if (response.status !== 401) return response
      await response.body?.cancel()
      // The session renews the token if the service rejects it.
      return send({})
    }
    const text = { en: 'Calling the service …', zh: '正在调用服务…' }
    const response = await withProgress(context, text, call())
    const answer = hideTokens(await response.text())
    if (answer !== '') output.result(answer, toJson(answer))
    if (!response.ok) {
      const { status, headers } = response
      const id = headers.get('x-ca-request-id')
      const request =
        id === null ? { en: '', zh: '' } : { en: ` (request id ${id})`, zh: `（请求 ID ${id}）` }
      throw new CliError(
        'CallFailed',
        {
          en: `The service responded with status ${status}${request.en}.`,
          zh: `服务返回状态 ${status}${request.zh}。`,
        },
        exitCode.failed,
        { status, ...(id !== null && { reqId: id }) },
      )
    }
  } finally {
    account.close()
  }
}

/**
 * Returns a path without `/v2/`. The first slash is optional, because Git Bash on Windows turns an argument that has one
 * into the path of a file.
 */
function readPath(given: string): string {
  const path = given.replace(/^\/?(v2\/)?/, '')
  if (/^[\w-]+(\/[\w-]+)*$/.test(path)) return path
  throw usageError({
    en: `The path must be one of the service, for example /user/get (received ${given}).`,
    zh: `路径必须是服务的路径，例如 /user/get（收到 ${given}）。`,
  })
}

async function readBody(given: string | undefined, signal: AbortSignal): Promise<string> {
  if (given !== '-') return given ?? '{}'
  return readText(addAbortSignal(signal, process.stdin))
}

function checkJson(body: string): string {
  try {
    JSON.parse(body)
    return body
  } catch {
    throw usageError({
      en: `The body must be JSON, for example '{"user_id":"user-1"}'. Quote it for your shell.`,
      zh: `请求体必须是 JSON，例如 '{"user_id":"user-1"}'。请按 shell 的规则加引号。`,
    })
  }
}

/** Redacts the tokens in a response. */
function hideTokens(body: string): string {
  // The quotes have backslashes in JSON that is a text of the response.
  return body.replaceAll(/((?:access|refresh|id|share)_token\\*"\s*:\s*\\*")[^"\\]*/g, '$1***')
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
