import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { answerOrders } from './request-process.ts'
import { ownTemporaryFolder } from './temporary-folder.ts'

ownTemporaryFolder()

answerOrders(async ({ end }: { end?: 'error' | 'SIGINT' | 'SIGTERM' }) => {
  if (end === 'error') {
    setImmediate(() => {
      throw new Error('meant to be')
    })
  } else if (end) {
    process.kill(process.pid, end)
  }
  return mkdtempSync(path.join(tmpdir(), 'other-'))
})
