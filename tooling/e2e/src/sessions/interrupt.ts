import type { Store } from '@pds/session'
import type { Grant } from '@pds/types'
import type { Message, OpenOptions, StopPoint } from './orders.ts'

/* What happens to a process in the middle of a refresh. */

const interrupted = new WeakSet<OpenOptions>()

/** Ends or stops this process where its options say so, once. */
async function interrupt(point: StopPoint, options: OpenOptions): Promise<void> {
  const { stopAt } = options
  if (stopAt?.point !== point || interrupted.has(options)) return
  interrupted.add(options)
  await new Promise<void>((resolve) => {
    process.send?.({ type: 'stopping' } satisfies Message, () => resolve())
  })
  process.kill(process.pid, stopAt.signal)
}

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

export function interruptStore(store: Store, options: OpenOptions): Store {
  let { failingCommits = 0 } = options
  return {
    ...store,
    async compareAndSet(key, record, expectedRev) {
      // Written ahead of the request; the token comes after the response.
      const isIntent = record.data.includes('"intent"')
      if (!isIntent && failingCommits-- > 0) throw new Error('database or disk is full')
      const written = await store.compareAndSet(key, record, expectedRev)
      await interrupt(isIntent ? 'before the request' : 'after the commit', options)
      return written
    },
  }
}
