import { existsSync, readFileSync } from 'node:fs'
import { keychainKey } from '@pds/session-keychain'
import { keyPath, storePath } from '../account/open-account.ts'
import { type Check, reasonOf } from './check.ts'

/**
 * Checks whether the key of the stored tokens can be read. Creates none, except for an entry that was deleted from the
 * keychain, as each command does: then the stored sign-in cannot be decrypted, which another check reports.
 */
export const checkKey: Check = {
  name: 'key',
  title: { en: 'Encryption key', zh: '加密密钥' },
  async run({ folders }) {
    const file = keyPath(folders.data)
    const again = { en: 'Then sign in again: pds login', zh: '然后重新登录：pds login' }
    if (!existsSync(file)) {
      if (!existsSync(storePath(folders))) {
        return {
          state: 'skip',
          text: { en: 'pds login creates it', zh: '将由 pds login 生成' },
        }
      }
      return {
        state: 'fail',
        text: {
          en: `${file} is missing, so the stored tokens cannot be decrypted`,
          zh: `缺少 ${file}，无法解密已保存的令牌`,
        },
        advice: { en: `Restore it from a backup, or run: pds login`, zh: `请从备份恢复，或运行：pds login` },
      }
    }
    try {
      // The file says where the key is.
      await keychainKey('pds-cli', { fallback: 'file', path: file, onFallback: () => undefined })
    } catch (error) {
      const reason = error instanceof Error ? error.message : reasonOf(error)
      return {
        state: 'fail',
        text: { en: `the key cannot be read: ${reason}`, zh: `无法读取密钥：${reason}` },
        advice: {
          en: `Unlock the keychain of the system. If the key is lost, delete ${file}. ${again.en}`,
          zh: `请解锁系统钥匙串。如果密钥已丢失，请删除 ${file}。${again.zh}`,
        },
      }
    }
    return { state: 'ok', text: describePlace(file) }
  },
}

function describePlace(file: string) {
  try {
    if (JSON.parse(readFileSync(file, 'utf8')).place === 'keychain') {
      return { en: 'in the keychain of the system', zh: '保存在系统钥匙串中' }
    }
  } catch {
    // The key was read, so the format is another one.
  }
  return { en: `in the file ${file}`, zh: `保存在文件 ${file} 中` }
}
