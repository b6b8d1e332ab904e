import path from 'node:path'

/** The folders of the command line. */
export interface Folders {
  /** Has the profiles, without secrets. */
  config: string
  /** Has the encrypted tokens and the file of their key. */
  data: string
}

/** Returns the folders of the platform, or `PDS_HOME` for both. */
export async function findFolders(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Folders> {
  const { PDS_HOME } = env
  if (PDS_HOME) return { config: path.resolve(PDS_HOME), data: path.resolve(PDS_HOME) }
  if (process.platform === 'linux') return linuxFolders(env)
  const { default: envPaths } = await import('env-paths')
  const { config, data } = envPaths('pds', { suffix: '' })
  return { config, data }
}

/** Returns what `env-paths` returns on Linux. Loading it takes longer than reading a token from the store. */
function linuxFolders({
  XDG_CONFIG_HOME,
  XDG_DATA_HOME,
}: Readonly<Record<string, string | undefined>>): Folders {
  const home = () => process.getBuiltinModule('node:os').homedir()
  return {
    config: path.join(XDG_CONFIG_HOME || path.join(home(), '.config'), 'pds'),
    data: path.join(XDG_DATA_HOME || path.join(home(), '.local', 'share'), 'pds'),
  }
}
