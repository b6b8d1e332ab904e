import path from 'node:path'
import { CliError, usageError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'
import type { Profile } from './profile.ts'
import { replaceFile } from './replace-file.ts'

// A static import would also load all that the module exports, which takes longer than reading the token.
const { readdirSync, readFileSync, rmSync } = process.getBuiltinModule('node:fs')

const format = 1
const extension = '.json'
const profileDamaged = 'ProfileDamaged'

/** A profile with its name. */
export interface NamedProfile {
  name: string
  profile: Profile
}

/**
 * The profiles in the configuration folder. Each profile and the name of the current one have separate files, so that
 * processes which write at the same time lose nothing.
 */
export class Profiles {
  readonly #folder: string
  readonly #currentFile: string

  constructor(configFolder: string) {
    this.#folder = path.join(configFolder, 'profiles')
    this.#currentFile = path.join(configFolder, 'current-profile')
  }

  /** Returns the name of the current profile: `PDS_PROFILE`, or the last one that was selected. */
  currentName(): string | undefined {
    return process.env.PDS_PROFILE || readText(this.#currentFile)?.trim() || undefined
  }

  /** Returns a profile by its name, or the current one. Throws if it does not exist. */
  find(name: string | undefined = this.currentName()): NamedProfile {
    const profile = name === undefined ? undefined : this.read(name)
    if (name !== undefined && profile) return { name, profile }
    const names = this.names()
    if (name === undefined && names.length > 0) {
      throw usageError({
        en: `No profile is selected. Run: pds switch <name>. These exist: ${names.join(', ')}.`,
        zh: `没有选择配置。请运行：pds switch <配置名>。现有配置：${names.join('、')}。`,
      })
    }
    if (name === undefined) {
      throw new CliError(
        'LoginRequired',
        {
          en: 'There is no profile yet. Run: pds login --domain <id> --client <id>',
          zh: '还没有配置。请运行：pds login --domain <域 ID> --client <应用 ID>',
        },
        exitCode.loginRequired,
      )
    }
    throw usageError({
      en: `There is no profile ${name}. These exist: ${names.join(', ') || 'none'}.`,
      zh: `没有名为 ${name} 的配置。现有配置：${names.join('、') || '无'}。`,
    })
  }

  /** Returns a profile, or undefined if it does not exist. */
  read(name: string): Profile | undefined {
    const file = this.#fileOf(name)
    const text = readText(file)
    if (text === undefined) return undefined
    const { format: found, ...profile } = parseObject(text)
    if (Number(found) > format) {
      throw new CliError('ProfileNewer', {
        en: `${file} was written by a newer version of pds. Update @pds/cli.`,
        zh: `${file} 由更新版本的 pds 写入。请升级 @pds/cli。`,
      })
    }
    if (isProfile(profile)) return profile
    throw new CliError(profileDamaged, {
      en: `${file} is damaged. Run: pds login --profile ${name} --domain <id> --client <id>`,
      zh: `${file} 已损坏。请运行：pds login --profile ${name} --domain <域 ID> --client <应用 ID>`,
    })
  }

  /** Returns a profile, or undefined if it does not exist or is damaged: a login replaces it. */
  readForLogin(name: string): Profile | undefined {
    try {
      return this.read(name)
    } catch (error) {
      if (error instanceof CliError && error.code === profileDamaged) return undefined
      throw error
    }
  }

  /** Returns the names of all profiles. */
  names(): string[] {
    try {
      const files = readdirSync(this.#folder).filter((file) => file.endsWith(extension))
      return files
        .map((file) => file.slice(0, -extension.length))
        .filter(isProfileName)
        .sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  /** Writes a profile. */
  write(name: string, profile: Profile): void {
    replaceFile(this.#fileOf(name), `${JSON.stringify({ format, ...profile }, null, 2)}\n`)
  }

  /** Makes a profile the current one. */
  select(name: string): void {
    replaceFile(this.#currentFile, `${name}\n`)
  }

  /** Deletes a profile. */
  delete(name: string): void {
    rmSync(this.#fileOf(name), { force: true })
    if (readText(this.#currentFile)?.trim() === name) rmSync(this.#currentFile, { force: true })
  }

  #fileOf(name: string): string {
    if (!isProfileName(name)) {
      throw usageError({
        en: `A profile name has up to 64 lower-case letters, digits, ".", "_" or "-", and starts with a letter or digit (received ${name}).`,
        zh: `配置名最多 64 个字符，只能含小写字母、数字、“.”、“_”或“-”，并以字母或数字开头（收到 ${name}）。`,
      })
    }
    return path.join(this.#folder, `${name}${extension}`)
  }
}

/**
 * Checks whether a text can be the name of a profile, and of its file on all platforms: some do not distinguish upper case,
 * and Windows reserves the names of devices.
 */
export function isProfileName(name: string): boolean {
  return /^[a-z\d][a-z\d_.-]{0,63}$/.test(name) && !/^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/.test(name)
}

function isProfile(value: Record<string, unknown>): value is Record<string, unknown> & Profile {
  const { type, api_endpoint, client_id, domain_id, key_file, redirect_uri } = value
  const isText = (each: unknown) => typeof each === 'string' && each !== ''
  const isOptional = (each: unknown) => each === undefined || isText(each)
  if (!URL.canParse(String(api_endpoint)) || !isText(client_id) || !isOptional(domain_id)) return false
  return type === 'user'
    ? isOptional(redirect_uri)
    : type === 'service' && isText(key_file) && isText(domain_id)
}

/** Parses JSON. Returns an empty object for anything but an object. */
function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
