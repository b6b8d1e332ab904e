import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { serveRequests } from './request-process.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

useTemporaryFolder()

serveRequests(async ({ end }: { end?: 'error' | 'SIGINT' | 'SIGTERM' }) => {
  if (end === 'error') {
    setImmediate(() => {
      throw new Error('thrown on purpose')
    })
  } else if (end) {
    process.kill(process.pid, end)
  }
  return mkdtempSync(path.join(tmpdir(), 'other-'))
})
