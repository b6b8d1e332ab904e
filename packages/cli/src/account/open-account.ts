import path from 'node:path'
import { createSession, encryptedStore, type Session } from '@pds/session'
import { keychainKey } from '@pds/session-keychain'
import { sqliteStore } from '@pds/session-sqlite'
import type { Output } from '../output/output.ts'
import { type Folders, findFolders } from '../profile/folders.ts'
import { type NamedProfile, Profiles } from '../profile/profiles.ts'
import { lazyGrant } from './lazy-grant.ts'
import { MeasuredClock } from './measured-clock.ts'

/** Which account a command uses. */
export interface AccountOptions {
  /** The name of the profile. Default: the current one. */
  profile?: string | undefined
  /** The id of a user of a JWT application. Default: its service token, or the user who signed in. */
  user?: string | undefined
}

/** The session of a profile. */
export interface Account extends NamedProfile {
  session: Session
  clock: MeasuredClock
  /** Ends the session. A renewal that is under way still writes its token before the process ends. */
  close(): void
}

/** Opens the session of a profile. Reads the key, but sends nothing. */
export async function openAccount(options: AccountOptions, output: Output): Promise<Account> {
  const folders = await findFolders()
  return openSession(new Profiles(folders.config).find(options.profile), options.user, folders, output)
}

/** Opens the session of a profile that may not be written yet. */
export async function openSession(
  { name, profile }: NamedProfile,
  user: string | undefined,
  folders: Folders,
  output: Output,
): Promise<Account> {
  const key = await openKey(folders.data, output)
  const file = sqliteStore({ path: storePath(folders) })
  const isService = profile.type === 'service'
  const clock = new MeasuredClock(path.join(folders.data, `clock-${name}.json`))
  const grant = lazyGrant(profile, isService ? user : undefined, clock)
  const session = createSession({
    key: JSON.stringify(isService ? [name, user ?? null] : [name]),
    grant,
    store: encryptedStore(file, key),
  })
  return {
    name,
    profile,
    session,
    clock,
    close() {
      session.close()
      // A renewal in the background may still have to write its token. If none has sent its request, none will.
      if (grant.isUsed()) process.once('exit', () => file.close())
      else file.close()
    },
  }
}

/** Returns the path of the file with the encrypted tokens. */
export function storePath({ data }: Folders): string {
  return path.join(data, 'sessions.db')
}

/** Returns the path of the file that says where the key is. */
export function keyPath(dataFolder: string): string {
  return path.join(dataFolder, 'key.json')
}

function openKey(dataFolder: string, output: Output): Promise<Uint8Array> {
  process.getBuiltinModule('node:fs').mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  return keychainKey('pds-cli', {
    fallback: 'file',
    path: keyPath(dataFolder),
    onFallback: ({ path: keyFile }) =>
      output.warning({
        en: `This machine has no keychain, so the key of the stored tokens is in ${keyFile}. Only you can read it.`,
        zh: `此计算机没有钥匙串，因此令牌的加密密钥保存在 ${keyFile} 中。只有您可以读取该文件。`,
      }),
  })
}
