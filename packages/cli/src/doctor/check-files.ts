import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import { keyPath, storePath } from '../account/open-account.ts'
import { type Check, type CheckFacts, type CheckResult, same } from './check.ts'

const writableByOthers = 0o022
const sticky = 0o1000
const ofOthers = 0o077

/** Checks the folders and files: this user can write them, and others can not. */
export const checkFiles: Check = {
  name: 'files',
  title: { en: 'Files', zh: '文件' },
  async run({ folders }) {
    const { config, data } = folders
    const shown = config === data ? config : `${config}, ${data}`
    const all = listFiles(folders)
    if (all.length === 0) {
      return {
        state: 'skip',
        text: { en: `no files yet in ${shown}`, zh: `${shown} 中还没有文件` },
      }
    }
    const problems = all.map(findProblem).filter((problem) => problem !== undefined)
    return problems.find(({ state }) => state === 'fail') ?? problems[0] ?? { state: 'ok', text: same(shown) }
  },
}

interface FoundFile {
  file: string
  stats: Stats
  isSecret: boolean
}

function listFiles({ config, data }: CheckFacts['folders']): FoundFile[] {
  const profiles = path.join(config, 'profiles')
  const store = storePath({ config, data })
  const secrets = [keyPath(data), store, `${store}-wal`, `${store}-shm`]
  const others = [config, data, profiles, ...listNames(profiles), path.join(config, 'current-profile')]
  return [...new Set([...secrets, ...others])].flatMap((file) => {
    const stats = statSync(file, { throwIfNoEntry: false })
    return stats ? [{ file, stats, isSecret: secrets.includes(file) }] : []
  })
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name))
  } catch {
    return []
  }
}

function findProblem({ file, stats, isSecret }: FoundFile): CheckResult | undefined {
  const isFolder = stats.isDirectory()
  const rights = constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0)
  try {
    accessSync(file, rights)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return {
      state: 'fail',
      text: { en: `${file} cannot be read and written (${code})`, zh: `无法读写 ${file}（${code}）` },
      advice: {
        en: 'Give the file back to your user, for example after a command with sudo: sudo chown -R "$USER" <folder>',
        zh: '请将文件的所有权还给您的用户（例如在使用 sudo 之后）：sudo chown -R "$USER" <文件夹>',
      },
    }
  }
  // On Windows, files have no such modes.
  if (process.platform === 'win32') return undefined
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  if (isSecret && stats.mode & ofOthers) {
    return {
      state: 'fail',
      text: {
        en: `other users have access to ${file} (mode ${mode})`,
        zh: `其他用户可以访问 ${file}（权限 ${mode}）`,
      },
      advice: { en: `Run: chmod 600 ${file}`, zh: `请运行：chmod 600 ${file}` },
    }
  }
  if (stats.mode & writableByOthers && !(isFolder && stats.mode & sticky)) {
    return {
      state: 'warn',
      text: {
        en: `other users can write to ${file} (mode ${mode})`,
        zh: `其他用户可以写入 ${file}（权限 ${mode}）`,
      },
      advice: { en: `Run: chmod go-w ${file}`, zh: `请运行：chmod go-w ${file}` },
    }
  }
  return undefined
}
