import type { Session } from '@pds/session'
import type { Output } from '../output/output.ts'
import type { TokenFile } from './run-token-file.ts'

// In milliseconds. Short, because a refresh of another process invalidates the token in the file.
const interval = 1000

/**
 * Keeps the token in a file valid. A failure is written once as a warning, and the next check tries again. Returns a
 * function that ends the checks.
 */
export function keepFresh(session: Session, file: TokenFile, output: Output): () => void {
  let isStopped = false
  let hasFailed = false
  const check = async () => {
    try {
      // Reads the store now: a session uses a token for some seconds before it looks for another one.
      await session.status().catch(() => undefined)
      const token = await session.getAccessToken()
      if (isStopped) return
      file.write(token)
      hasFailed = false
    } catch (error) {
      if (isStopped || hasFailed) return
      hasFailed = true
      await warn(error, output)
    }
  }
  const timer = setInterval(check, interval)
  // At once after a renewal in the background, which also invalidates the token in the file.
  const unsubscribe = session.subscribe('refreshed', check)
  return () => {
    isStopped = true
    clearInterval(timer)
    unsubscribe()
  }
}

async function warn(error: unknown, output: Output): Promise<void> {
  // Late, so that it stays out of the file that every command loads.
  const { explainError } = await import('../output/explain-error.ts')
  const { text, detail = '' } = explainError(error)
  output.warning({
    en: `The token in the file was not renewed. ${text.en} ${detail}`.trimEnd(),
    zh: `文件中的令牌未更新。${text.zh} ${detail}`.trimEnd(),
  })
}
