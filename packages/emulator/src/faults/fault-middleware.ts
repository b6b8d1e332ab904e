import type { MiddlewareHandler } from 'hono'
import type { RequestTrace } from '../log/request-log.ts'
import { pause } from './corrupt-response.ts'
import type { Fault, FaultTiming } from './fault.ts'
import { shapeError } from './shape-error.ts'

/** What a request brings along into the routes of the emulator. */
export interface RequestContext {
  fault: Fault | undefined
  requestId: string
  /** Whether the body is larger than what is read. */
  isTooLarge: boolean
  /** What the routes tell the log of it. */
  trace: RequestTrace
}

/** Lets a request meet its fault: on its way in, in place of its answer, or on its way out. */
export const faultMiddleware: MiddlewareHandler<{ Bindings: RequestContext }> = async (context, next) => {
  const { fault, requestId } = context.env
  if (!fault) return next()
  const when = momentOf(fault)
  if (when === 'after') await next()
  if (fault.type === 'delay') {
    const { signal } = context.req.raw
    await pause(fault.milliseconds, signal)
    // Whoever has gone by now has not asked.
    if (when === 'before' && !signal.aborted) await next()
  }
  const instead = faultResponse(fault, requestId)
  if (instead) context.res = instead
}

function momentOf(fault: Fault): FaultTiming {
  // What spoils an answer needs one.
  if (['truncate', 'wrong-length', 'drip', 'date'].includes(fault.type)) return 'after'
  return ('when' in fault ? fault.when : undefined) ?? 'before'
}

/** The answer that a fault puts in the place of the real one. */
function faultResponse(fault: Fault, requestId: string): Response | undefined {
  const message = 'This fault was asked for.'
  switch (fault.type) {
    case 'status': {
      const { status, body = 'service', code = codeOf(status), headers = {} } = fault
      const response = shapeError(body, { status, code, message: fault.message ?? message, requestId })
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
      return response
    }
    case 'throttle': {
      const response = shapeError('service', { status: 429, code: codeOf(429), message, requestId })
      if (fault.retryAfter !== undefined) response.headers.set('retry-after', String(fault.retryAfter))
      return response
    }
    case 'redirect': {
      const { status = 307, location } = fault
      return new Response(null, { status, headers: { location } })
    }
    case 'html':
      return shapeError('html', { status: 200, code: '', message, requestId })
    // It never leaves: see createFetchHandler.
    case 'drop':
      return new Response(null)
    default:
      return undefined
  }
}

// The documented codes that are next to a status. The vendor does not say which one a throttled call has.
function codeOf(status: number): string {
  const codes: Record<number, string> = {
    401: 'AccessTokenInvalid',
    403: 'Forbidden',
    404: 'NotFound',
    429: 'TooManyRequests',
    504: 'D504TO',
  }
  return codes[status] ?? (status >= 500 ? 'InternalError' : 'InvalidParameter')
}
