import type { Store } from '@pds/session'
import type { Grant } from '@pds/types'
import type { Message, OpenOptions, StopPoint } from './orders.ts'

/* Interrupts a process during a refresh. */

const interrupted = new WeakSet<OpenOptions>()

/** Kills or stops this process once, at the point that its options name. */
async function interrupt(point: StopPoint, options: OpenOptions): Promise<void> {
  const { stopAt } = options
  if (stopAt?.point !== point || interrupted.has(options)) return
  interrupted.add(options)
  await new Promise<void>((resolve) => {
    process.send?.({ type: 'stopping' } satisfies Message, () => resolve())
  })
  process.kill(process.pid, stopAt.signal)
}

/** Wraps a grant so that the process is interrupted before or after a request. */
export function interruptGrant(grant: Grant, options: OpenOptions): Grant {
  const { obtain, refresh } = grant
  return {
    ...grant,
    ...(obtain && {
      obtain: async (context) => {
        await interrupt('before the request', options)
        const token = await obtain(context)
        await interrupt('after the response', options)
        return token
      },
    }),
    ...(refresh && {
      refresh: async (refresh_token, context) => {
        const token = await refresh(refresh_token, context)
        await interrupt('after the response', options)
        return token
      },
    }),
  }
}

/** Wraps a store so that the process is interrupted before the request or after the commit, or commits fail. */
export function interruptStore(store: Store, options: OpenOptions): Store {
  let { failingCommits = 0 } = options
  return {
    ...store,
    async compareAndSet(key, record, expectedRev) {
      // The intent is written before the request, the token after the response.
      const isIntent = record.data.includes('"intent"')
      if (!isIntent && failingCommits-- > 0) throw new Error('database or disk is full')
      const written = await store.compareAndSet(key, record, expectedRev)
      await interrupt(isIntent ? 'before the request' : 'after the commit', options)
      return written
    },
  }
}
