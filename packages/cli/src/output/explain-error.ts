import { isPDSError, type PDSError } from '@pds/core/internal'
import type { CommandValues } from '../commands/command.ts'
import { CliError, cancelled } from './cli-error.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import type { Text } from './text.ts'

/** What the user reads about an error. */
export interface Explanation {
  /** What to do, in the user's language. */
  text: Text
  /** The error in English, for a search or a report. Absent if `text` says the same. */
  detail?: string
  exitCode: ExitCode
  /** The fields of `--json`. */
  json: { code: string; message: string } & Partial<Pick<PDSError, 'outcome' | 'status' | 'reqId'>>
}

/**
 * Explains an error of a command with these values. Messages of a `PDSError` stay English, and contain no secret.
 */
export function explainError(error: unknown, values: CommandValues = {}): Explanation {
  if (error instanceof CliError) {
    const { text, code, message, exitCode: exit, fields } = error
    return { text, exitCode: exit, json: { code, message, ...fields } }
  }
  if (isPDSError(error)) return explainPDSError(error, loginCommand(values))
  const { name, code = 'Error', cause } = Object(error)
  if (name === 'AbortError') return explainError(cancelled())
  const message = messageOf(error)
  // As fetch rejects.
  if (error instanceof TypeError && cause instanceof Error) {
    const { text } = networkError
    return { text, detail: message, exitCode: exitCode.failed, json: { code: 'NetworkError', message } }
  }
  return { text: { en: message, zh: message }, exitCode: exitCode.failed, json: { code, message } }
}

/** Returns the message of an error with that of its cause, which is often the reason. The SDK has redacted both. */
function messageOf(error: unknown): string {
  const { message = String(error), cause } = Object(error)
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message} (${cause.message})`
    : message
}

/** Returns the command that signs in to the account of a command. */
function loginCommand({ profile, user }: CommandValues): string {
  const options = [profile && ` --profile ${profile}`, user && ` --user ${user}`]
  return `pds login${options.filter(Boolean).join('')}`
}

function explainPDSError(error: PDSError, login: string): Explanation {
  const { code, outcome, status, reqId, cause } = error
  const response = {
    outcome,
    ...(status !== undefined && { status }),
    ...(reqId !== undefined && { reqId }),
  }
  // Thrown by the command line itself, through the session.
  if (cause instanceof CliError) {
    const explained = explainError(cause)
    return { ...explained, json: { ...explained.json, ...response } }
  }
  // The service has an error InvalidParameter, too. It says nothing about the arguments of the command.
  const isKnown = Object.hasOwn(knownCodes, code) && (code !== 'InvalidParameter' || outcome === 'not-sent')
  const known = isKnown ? knownCodes[code]?.(login) : undefined
  const message = messageOf(error)
  return {
    text: known?.text ?? { en: 'The command failed.', zh: '命令失败。' },
    detail: `${code}: ${message}`,
    exitCode: known?.exitCode ?? exitCode.failed,
    json: { code, message, ...response },
  }
}

const networkError = {
  text: {
    en: 'The service cannot be reached. Run: pds doctor',
    zh: '无法连接服务。请运行：pds doctor',
  },
}

/** The texts by code. `login` is the command that signs in again. */
const knownCodes: Readonly<Record<string, (login: string) => { text: Text; exitCode?: ExitCode }>> = {
  LoginRequired: (login) => ({
    text: { en: `You are not signed in. Run: ${login}`, zh: `尚未登录。请运行：${login}` },
    exitCode: exitCode.loginRequired,
  }),
  DecryptionFailed: (login) => ({
    text: {
      en: `The stored sign-in cannot be decrypted. Run: ${login}`,
      zh: `无法解密已保存的登录。请运行：${login}`,
    },
    exitCode: exitCode.loginRequired,
  }),
  StoreFailed: () => ({
    text: {
      en: 'The stored sign-in cannot be read or written. Run: pds doctor',
      zh: '无法读取或写入已保存的登录。请运行：pds doctor',
    },
  }),
  KeychainFailed: () => ({
    text: {
      en: 'The keychain of the system is not available. Unlock it, or run: pds doctor',
      zh: '系统钥匙串不可用。请将其解锁，或运行：pds doctor',
    },
  }),
  NetworkError: () => networkError,
  Timeout: () => ({
    text: {
      en: 'No response arrived in time. Try again, or run: pds doctor',
      zh: '等待超时。请重试，或运行：pds doctor',
    },
  }),
  InvalidParameter: () => ({
    text: { en: 'A value is invalid.', zh: '参数值无效。' },
    exitCode: exitCode.usage,
  }),
  Aborted: () => ({ text: { en: 'Cancelled.', zh: '已取消。' }, exitCode: exitCode.interrupted }),
  access_denied: () => ({ text: { en: 'The sign-in was denied.', zh: '登录被拒绝。' } }),
  BrowserClosed: () => ({ text: { en: 'The browser was closed.', zh: '浏览器已关闭。' } }),
  PortInUse: () => ({
    text: {
      en: 'Another program uses the port of the redirect URI. Close it, or pass another registered one with --redirect-uri.',
      zh: '其他程序占用了重定向 URI 的端口。请关闭该程序，或用 --redirect-uri 指定另一个已登记的地址。',
    },
  }),
}
