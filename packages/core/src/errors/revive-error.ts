import { isPDSError, PDSError } from './pds-error.ts'

/**
 * Returns the error of a value that crossed a thread or a process: the result of `toJSON`, or the error that
 * `worker.on('error')` of Node.js gives.
 *
 * `postMessage` and `structuredClone` drop the fields of an error, so send `error.toJSON()`. Throws a `PDSError` with
 * code `InvalidParameter` for a value without the fields of a `PDSError`.
 *
 * @example
 * ```ts
 * import { reviveError } from '@pds/core'
 *
 * // In the worker: parentPort.postMessage(error.toJSON())
 * export const onMessage = (data: unknown): never => {
 *   throw reviveError(data)
 * }
 * ```
 */
export function reviveError(value: unknown): PDSError {
  const fields = Object(value)
  const { name, message, outcome, status = 0, stack } = fields
  // JSON has no stack.
  const isValid =
    isPDSError({ ...fields, name, stack: '' }) &&
    typeof message === 'string' &&
    /^(not-sent|responded|unknown)$/.test(outcome) &&
    Number(status) === status
  if (isValid) return Object.assign(new PDSError(message, fields), stack && { stack })
  throw new PDSError(`reviveError: value must be the toJSON() of a PDSError (received ${typeof value})`, {
    code: 'InvalidParameter',
    outcome: 'not-sent',
  })
}
