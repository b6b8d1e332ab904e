import { isPDSError, type PDSError } from '@pds/core'

/** What a page is told of a failure. */
export interface ErrorResponse {
  status: 401 | 500 | 502 | 503 | 504
  body: { code: string; reqId?: string | undefined }
}

/** Says what a page may know: the code and the service's id of the request, and a status that says whose fault it is. */
export function errorResponse(error: unknown): ErrorResponse {
  if (!isPDSError(error)) return { status: 500, body: { code: 'InternalError' } }
  return { status: statusOf(error), body: { code: error.code, reqId: error.reqId } }
}

function statusOf({ code, status }: PDSError): ErrorResponse['status'] {
  // The page sends its user to the login.
  if (code === 'LoginRequired') return 401
  // The service asks to come back later.
  if (status === 429 || status === 503) return 503
  if (code === 'Timeout') return 504
  // The service refused what this back end asked for, failed, or was not reached.
  if (status !== undefined || code === 'NetworkError') return 502
  // A wrong key, a wrong setting, a store that is away: the log says more.
  return 500
}
