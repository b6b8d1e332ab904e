import { isPDSError, type PDSError } from '@pds/core'

/** The response of the back end to a failed request. */
export interface ErrorResponse {
  status: 401 | 500 | 502 | 503 | 504
  body: { code: string; reqId?: string | undefined }
}

/** Returns what a page may know about an error: a status, the code and the service's request ID. */
export function errorResponse(error: unknown): ErrorResponse {
  if (!isPDSError(error)) return { status: 500, body: { code: 'InternalError' } }
  return { status: statusOf(error), body: { code: error.code, reqId: error.reqId } }
}

function statusOf({ code, status }: PDSError): ErrorResponse['status'] {
  // The page shows the login.
  if (code === 'LoginRequired') return 401
  // The service throttles requests or is unavailable.
  if (status === 429 || status === 503 || code === 'Throttled') return 503
  if (code === 'Timeout') return 504
  // The service rejected the request of this back end, failed, or was unreachable.
  if (status !== undefined || code === 'NetworkError') return 502
  // For example an invalid key, an invalid setting or an unreachable store. The log has the details.
  return 500
}
