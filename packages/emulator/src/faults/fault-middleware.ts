import type { MiddlewareHandler } from 'hono'
import type { RequestTrace } from '../log/request-log.ts'
import { pause } from './corrupt-response.ts'
import type { Fault, FaultTiming } from './fault.ts'
import { shapeError } from './shape-error.ts'

/** The Hono bindings of each request to the domain. */
export interface RequestContext {
  fault: Fault | undefined
  requestId: string
  /** Whether the body exceeds the size limit. */
  isTooLarge: boolean
  /** The routes write to it, the log reads it. */
  trace: RequestTrace
}

/** Applies the fault of a request: before or after the request is carried out, or in place of its response. */
export const faultMiddleware: MiddlewareHandler<{ Bindings: RequestContext }> = async (context, next) => {
  const { fault, requestId } = context.env
  if (!fault) return next()
  const when = timingOf(fault)
  if (when === 'after') await next()
  if (fault.type === 'delay') {
    const { signal } = context.req.raw
    await pause(fault.milliseconds, signal)
    // An aborted request is not carried out.
    if (when === 'before' && !signal.aborted) await next()
  }
  const replacement = faultResponse(fault, requestId)
  if (replacement) context.res = replacement
}

function timingOf(fault: Fault): FaultTiming {
  // These faults change a response, so the response must exist.
  if (['truncate', 'wrong-length', 'drip', 'date'].includes(fault.type)) return 'after'
  return ('when' in fault ? fault.when : undefined) ?? 'before'
}

/** Returns the response that replaces the real one, or undefined if the fault has none. */
function faultResponse(fault: Fault, requestId: string): Response | undefined {
  const message = 'This fault was injected.'
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
    // Never sent: createFetchHandler drops the connection.
    case 'drop':
      return new Response(null)
    default:
      return undefined
  }
}

// The documented codes that fit a status best. The vendor does not document the code of a throttled call.
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
