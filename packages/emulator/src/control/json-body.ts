import type { Context, ErrorHandler } from 'hono'
import { ServiceError, tooLarge, wrongFormat } from '../domain/service-error.ts'
import { mediaType, readBody } from '../routes/params.ts'

/** Reads the JSON of a request to the emulator itself. Throws for another type, and for text that is not JSON. */
export async function readJsonBody(context: Context): Promise<unknown> {
  // A page of another origin can send this type only after a preflight request, which fails here.
  if (mediaType(context.req.header('content-type')) !== 'application/json') {
    throw wrongFormat('Content-Type', 'it must be application/json')
  }
  const body = await readBody(context.req.raw)
  if (body === undefined) throw tooLarge()
  return JSON.parse(body)
}

/** Sends the error of a request to the emulator itself: status 400 for input that a function of the emulator rejects. */
export const handleControlError: ErrorHandler = (error, context) => {
  const message =
    error instanceof TypeError || error instanceof RangeError
      ? error.message
      : 'The request body is not JSON.'
  const response = error instanceof ServiceError ? error : new ServiceError(400, 'InvalidParameter', message)
  return context.json(response.toJSON(), response.status as 400 | 413)
}
