import { existsSync } from 'node:fs'
import path from 'node:path'
import { cancelled, usageError } from '../output/cli-error.ts'
import { endpointOf, type Profile } from '../profile/profile.ts'
import { isProfileName, type NamedProfile, type Profiles } from '../profile/profiles.ts'
import type { CommandContext } from './command.ts'

/** The values of the options of `pds login`. */
export interface LoginValues {
  domain?: string
  client?: string
  endpoint?: string
  redirectUri?: string
  service?: boolean
  key?: string
  /** False with `--no-browser`. */
  browser?: boolean
  profile?: string
  /** The user who must sign in, or whose token a JWT application obtains. */
  user?: string
}

/**
 * Returns the profile that `pds login` signs in to: an existing one with the given changes, or a new one. A terminal asks
 * for missing values.
 */
export async function chooseProfile(
  values: LoginValues,
  profiles: Profiles,
  context: CommandContext,
): Promise<NamedProfile> {
  const isNew = values.domain !== undefined || values.client !== undefined || values.endpoint !== undefined
  const current = isNew ? undefined : profiles.currentName()
  const existing = values.profile ?? current
  const found = existing === undefined ? undefined : profiles.readForLogin(existing)
  if (existing !== undefined && !found && !isNew && !process.stdin.isTTY) profiles.find(existing)
  const isService = values.service ?? found?.type === 'service'
  if (!isService && values.key !== undefined) {
    throw usageError({ en: '--key needs --service.', zh: '--key 需要与 --service 一起使用。' })
  }
  if (isService && values.redirectUri !== undefined) {
    throw usageError({
      en: '--redirect-uri is for a sign-in with the browser, not for a JWT application.',
      zh: '--redirect-uri 仅用于浏览器登录，不能用于 JWT 应用。',
    })
  }
  // The two types of applications have different ids.
  const before = found?.type === (isService ? 'service' : 'user') ? found : undefined
  const asked = await askMissing(values, before, isService, context)
  const domain_id = asked.domain
  const client_id = asked.client
  const api_endpoint =
    readEndpoint(values.endpoint) ?? (values.domain === undefined ? before?.api_endpoint : undefined)
  const base = {
    api_endpoint: api_endpoint ?? endpointOf(checkDomain(domain_id as string)),
    ...(domain_id !== undefined && { domain_id }),
    client_id,
  }
  const redirect_uri = values.redirectUri ?? (before?.type === 'user' ? before.redirect_uri : undefined)
  const profile: Profile = isService
    ? { type: 'service', ...base, domain_id: domain_id as string, key_file: findKey(asked.key as string) }
    : { type: 'user', ...base, ...(redirect_uri !== undefined && { redirect_uri }) }
  return { name: values.profile ?? (before && current) ?? nameOf(profile, profiles), profile }
}

/** Returns the name of the profile that has this application, or a new name. */
function nameOf(profile: Profile, profiles: Profiles): string {
  const isSame = (name: string) => {
    const other = profiles.readForLogin(name)
    return other?.client_id === profile.client_id && other.api_endpoint === profile.api_endpoint
  }
  const same = profiles.names().find(isSame)
  if (same !== undefined) return same
  const host = new URL(profile.api_endpoint).hostname
  const wanted = [profile.domain_id, `${profile.domain_id ?? host}-${profile.client_id}`]
  const names = wanted.flatMap((name) => name?.toLowerCase() ?? []).filter(isProfileName)
  const free = names.find((name) => !profiles.names().includes(name))
  if (free !== undefined) return free
  throw usageError({
    en: 'The profile needs a name. Pass one with --profile.',
    zh: '需要配置名。请用 --profile 指定。',
  })
}

/** Asks for the values that are missing, on a terminal. Elsewhere, throws an error that names them. */
async function askMissing(
  values: LoginValues,
  before: Profile | undefined,
  isService: boolean,
  { output, signal }: CommandContext,
): Promise<{ domain: string | undefined; client: string; key: string | undefined }> {
  const found: Record<string, string | undefined> = {
    domain: values.domain ?? before?.domain_id,
    client: values.client ?? before?.client_id,
    key: values.key ?? (before?.type === 'service' ? before.key_file : undefined),
  }
  const hasEndpoint = values.endpoint !== undefined || before?.api_endpoint !== undefined
  const needed = [...(hasEndpoint && !isService ? [] : ['domain']), 'client', ...(isService ? ['key'] : [])]
  const missing = needed.filter((name) => !found[name])
  if (missing.length > 0 && (!process.stdin.isTTY || output.isJson)) {
    const list = missing.map((name) => `--${name}`).join(', ')
    throw usageError({ en: `These options are missing: ${list}.`, zh: `缺少选项：${list}。` })
  }
  for (const name of missing) found[name] = await ask(name, output.language, signal)
  return { domain: found.domain, client: found.client as string, key: found.key }
}

const questions = {
  domain: { en: 'Id of the domain, for example bj1', zh: '域 ID，例如 bj1' },
  client: { en: 'Id of the application', zh: '应用 ID' },
  key: { en: 'File with the private key (PEM)', zh: '私钥文件（PEM）' },
}

async function ask(name: string, language: 'en' | 'zh', signal: AbortSignal): Promise<string> {
  const { isCancel, text } = await import('@clack/prompts')
  const required = { en: 'Enter a value.', zh: '请输入。' }[language]
  const answer = await text({
    message: questions[name as keyof typeof questions][language],
    validate: (value) => (value?.trim() ? undefined : required),
    signal,
    output: process.stderr,
  })
  if (isCancel(answer)) throw cancelled()
  return answer.trim()
}

function checkDomain(domain_id: string): string {
  // A URL would make a request go to a host such as "https".
  if (/^[\w-]+$/.test(domain_id)) return domain_id
  throw usageError({
    en: `--domain must be only the id of the domain, for example bj1. Use --endpoint for a URL.`,
    zh: `--domain 只能是域 ID，例如 bj1。地址请使用 --endpoint。`,
  })
}

function readEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined
  if (URL.canParse(endpoint)) {
    const { protocol, origin } = new URL(endpoint)
    if (protocol === 'https:' || protocol === 'http:') return origin
  }
  throw usageError({ en: '--endpoint must be a URL with https:.', zh: '--endpoint 必须是 https: 地址。' })
}

function findKey(file: string): string {
  const resolved = path.resolve(file)
  if (existsSync(resolved)) return resolved
  throw usageError({ en: `There is no file ${resolved}.`, zh: `文件 ${resolved} 不存在。` })
}
