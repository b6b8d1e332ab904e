import { isPDSError } from '@pds/core/internal'
import { RequestProblem } from './problem.ts'
import type { RouteContext } from './routes/route.ts'

/** Reports an error to the application, unless a client caused it. `status` is the status of the response. */
export function reportError(error: unknown, { settings, request }: RouteContext, status?: number): void {
  const isExpected = error instanceof RequestProblem || (isPDSError(error) && error.code === 'LoginRequired')
  if (isExpected) return
  if (settings.onError) {
    const { onError } = settings
    // A failure to log must not fail the response.
    const call = async () => onError(error, request)
    call().catch(() => undefined)
  } else if (status === 500) {
    // Not in every runtime.
    globalThis.process?.emitWarning?.(error instanceof Error ? error : String(error))
  }
}
