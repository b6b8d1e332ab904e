import type { OpenedBrowser } from './options.ts'

/**
 * Opens a URL in the browser of the system. `closed` never resolves, because the program that opens the browser usually ends
 * before it. It rejects if that program fails.
 */
export async function openSystemBrowser(url: string): Promise<OpenedBrowser> {
  // Most processes that have a session never sign in.
  const { default: open } = await import('open')
  const opener = await open(url)
  return {
    closed: new Promise((_resolve, reject) => {
      const onExit = (code: number | null) => {
        const how = code === null ? 'was killed' : `exited with code ${code}`
        if (code !== 0) reject(new Error(`the program that opens the browser ${how}`))
      }
      // On Windows, it has exited already.
      if (opener.exitCode !== null) onExit(opener.exitCode)
      else opener.once('exit', onExit)
    }),
  }
}
