import { isInvalidResponseError, isPlainObject, readBody } from '@pds/core/internal'
import { RequestProblem } from './problem.ts'

// In bytes: several times as much as an access token.
const maxLength = 16_384

/** Returns the JSON object in the body of a request, or an empty one without a body. Reads at most 16 KiB. */
export async function readJson(request: Request): Promise<Readonly<Record<string, unknown>>> {
  if (Number(request.headers.get('content-length')) > maxLength) throw new RequestProblem(413, 'BodyTooLarge')
  const text = await readBody(request as never, maxLength, request.signal).catch((error) => {
    if (isInvalidResponseError(error)) throw new RequestProblem(413, 'BodyTooLarge')
    // The client has gone away.
    if (request.signal.aborted) throw new RequestProblem(400, 'RequestAborted')
    throw error
  })
  if (text === '') return {}
  // Pages of other sites cannot send this type without CORS.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new RequestProblem(415, 'UnsupportedMediaType')
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new RequestProblem(400, 'InvalidParameter')
  }
  if (!isPlainObject(body)) throw new RequestProblem(400, 'InvalidParameter')
  return body as Readonly<Record<string, unknown>>
}
