import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A server on this machine that runs in a process of its own. */
export interface StartedServer {
  /** Such as `http://127.0.0.1:4000`. */
  endpoint: string
  /** Rejects where the server has failed meanwhile: whatever else failed did so for that. */
  close(): Promise<void>
}

/** Starts a file of this folder as a process: one that sends its port once it listens, and ends when it is let go. */
export async function startServer(name: string): Promise<StartedServer> {
  const child = fork(new URL(`${name}.ts`, import.meta.url), { stdio: 'inherit' })
  const ended = once(child, 'exit')
  const failed = ended.then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal} before it listened`)
  })
  const [port] = await Promise.race([once(child, 'message'), failed])
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      if (child.connected) child.disconnect()
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`${name} ended with ${code ?? signal} while it was needed`)
    },
  }
}
