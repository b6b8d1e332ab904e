import { existsSync } from 'node:fs'
import { sqliteStore } from '@pds/session-sqlite'
import { storePath } from '../account/open-account.ts'
import { type Check, reasonOf, same } from './check.ts'

/** Checks whether the file with the encrypted tokens can be opened and read. Creates none. */
export const checkStore: Check = {
  name: 'store',
  title: { en: 'Stored tokens', zh: '已保存的令牌' },
  timeoutAdvice: { en: 'Another process may lock the file.', zh: '其他进程可能锁定了该文件。' },
  async run({ folders }) {
    const file = storePath(folders)
    if (!existsSync(file)) {
      return { state: 'skip', text: { en: 'pds login creates the file', zh: '文件将由 pds login 生成' } }
    }
    const store = sqliteStore({ path: file })
    try {
      await store.read('doctor')
      return { state: 'ok', text: same(file) }
    } catch (error) {
      // An error of the store contains its path, and no stored value.
      const reason = error instanceof Error ? error.message : reasonOf(error)
      return {
        state: 'fail',
        text: { en: `cannot be read: ${reason}`, zh: `无法读取：${reason}` },
        advice: {
          en: `The file must be on a local disk, not on a network file system: PDS_HOME selects another folder. If it is damaged, delete it, and sign in again: pds login`,
          zh: `该文件必须位于本地磁盘，不能位于网络文件系统：可用 PDS_HOME 指定其他文件夹。如果文件已损坏，请将其删除并重新登录：pds login`,
        },
      }
    } finally {
      store.close()
    }
  },
}
