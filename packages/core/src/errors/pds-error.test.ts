import { once } from 'node:events'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { isPDSError, PDSError, reviveError } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { PDSError as SecondCopy } from './pds-error.ts'

describe('PDSError', () => {
  it('ends its message with status, code and request id if the service responded', () => {
    const options = { code: 'InternalError', status: 500, outcome: 'unknown' } as const
    expect(new PDSError('it failed', options).message).toBe('it failed [status: 500] [code: InternalError]')
    expect(new PDSError('it failed', { ...options, reqId: 'R1' }).message).toBe(
      'it failed [status: 500] [code: InternalError] [reqId: R1]',
    )
    expect(new PDSError('it failed', { code: 'Aborted', outcome: 'unknown' }).message).toBe('it failed')
  })

  it('is a ServerError with a status and a ClientError without', () => {
    expect(new PDSError('', { code: 'Forbidden', status: 403, outcome: 'responded' }).type).toBe(
      'ServerError',
    )
    expect(new PDSError('', { code: 'Timeout', outcome: 'unknown' }).type).toBe('ClientError')
  })

  it('has no undefined fields', () => {
    const error = new PDSError('no time', { code: 'Timeout', outcome: 'unknown' })
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'outcome', 'type'])
    expect(inspect(error)).not.toContain('undefined')
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'PDSError',
      message: 'no time',
      code: 'Timeout',
      type: 'ClientError',
      outcome: 'unknown',
    })
  })
})

describe('the constructor of the vendor', () => {
  it.each<[[string, string, number?, string?], string, string, string]>([
    [
      ['not found', 'NotFound.User', 404, 'R1'],
      'ServerError',
      'responded',
      ' [status: 404] [code: NotFound.User] [reqId: R1]',
    ],
    [['busy', 'Busy', 503], 'ServerError', 'responded', ' [status: 503] [code: Busy]'],
    [['broken', 'InternalError', 500], 'ServerError', 'unknown', ' [status: 500] [code: InternalError]'],
    [['no network', 'ClientError'], 'ClientError', 'unknown', ''],
  ])('creates an error of %j', (given, type, outcome, tail) => {
    const [message, code, status, reqId] = given
    const error = new PDSError(message, code, status, reqId)
    expect(error).toMatchObject({ name: 'PDSError', message: message + tail, code, type, outcome })
    expect([error.status, error.reqId]).toEqual([status, reqId])
    expect(isPDSError(error)).toBe(true)
  })
})

const full = new PDSError('it failed', {
  code: 'InternalError',
  outcome: 'unknown',
  status: 500,
  reqId: 'R1',
  retryAt: 1,
  request: { method: 'POST', url: 'https://bj1.test/' },
  response: { status: 500, headers: { date: 'now' }, data: { code: 'InternalError' } },
})
const fieldsOf = (error: PDSError) => JSON.parse(JSON.stringify(error))

describe('reviveError', () => {
  it.each([full, new PDSError('no time', { code: 'Timeout', outcome: 'unknown' })])(
    'revives JSON of %s',
    (error) => {
      const revived = reviveError(fieldsOf(error))
      expect(revived).toBeInstanceOf(PDSError)
      expect(isPDSError(revived)).toBe(true)
      expect(Object.keys(revived).sort()).toEqual(Object.keys(error).sort())
      expect(fieldsOf(revived)).toEqual(fieldsOf(error))
    },
  )

  it('returns an equal error for an error of another copy', () => {
    const cause = new Error('why')
    const error = new SecondCopy('no', { code: 'NetworkError', outcome: 'not-sent', cause })
    const same = reviveError(error)
    expect(same).toBeInstanceOf(PDSError)
    expect(fieldsOf(same)).toEqual(fieldsOf(error))
    expect([same.cause, same.stack]).toEqual([cause, error.stack])
  })

  it.each([
    undefined,
    null,
    'PDSError',
    [],
    JSON.stringify(full),
    new Error('no'),
    { ...fieldsOf(full), name: 'Error' },
    { ...fieldsOf(full), message: undefined },
    { ...fieldsOf(full), code: 1 },
    { ...fieldsOf(full), outcome: 'maybe' },
    { ...fieldsOf(full), status: '500' },
  ])('rejects %j', (value) => {
    expect(() => reviveError(value)).toThrow(
      expect.objectContaining({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: `reviveError: value must be the toJSON() of a PDSError (received ${typeof value})`,
      }),
    )
  })
})

describe('an error in a worker', () => {
  const core = import.meta.resolve('@pds/core')
  const createError = `new PDSError('no', {
    code: 'NotFound', outcome: 'responded', status: 404, reqId: 'R1', cause: new Error('why'),
  })`
  const expected = {
    message: 'no [status: 404] [code: NotFound] [reqId: R1]',
    code: 'NotFound',
    type: 'ServerError',
    outcome: 'responded',
    status: 404,
    reqId: 'R1',
  }

  async function run(event: 'error' | 'message', statement: string): Promise<unknown> {
    const program = `
      import { parentPort } from 'node:worker_threads'
      const { PDSError } = await import(${JSON.stringify(core)})
      const error = ${createError}
      ${statement}`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
    const [value] = await once(worker, event)
    await worker.terminate()
    return value
  }

  it('is a PDSError in the event of the worker', async () => {
    const error = await run('error', 'throw error')
    expect(error).not.toBeInstanceOf(PDSError)
    expect(isPDSError(error)).toBe(true)
    expect(error).toMatchObject(expected)
    const revived = reviveError(error)
    expect(revived).toMatchObject(expected)
    expect(revived).toMatchObject({ cause: { message: 'why' }, stack: (error as Error).stack })
  })

  it('is revived if its toJSON() was sent', async () => {
    const data = await run('message', 'parentPort.postMessage(error.toJSON())')
    expect(isPDSError(data)).toBe(false)
    expect(reviveError(data)).toMatchObject(expected)
  })

  it('is no longer a PDSError if it was sent itself', async () => {
    const error = await run('message', 'parentPort.postMessage(error)')
    expect(error).toMatchObject({ message: expected.message })
    expect(isPDSError(error)).toBe(false)
    expect(() => reviveError(error)).toThrow('reviveError')
  })
})

describe('isPDSError', () => {
  it('recognizes the errors of another copy of the package', () => {
    const error = new SecondCopy('', { code: 'Aborted', outcome: 'not-sent' })
    expect(error).not.toBeInstanceOf(PDSError)
    expect(isPDSError(error)).toBe(true)
  })

  it('recognizes an error without its prototype', () => {
    const { name, message, code, outcome } = full
    expect(isPDSError(Object.assign(new Error(message), { name, code, outcome }))).toBe(true)
  })

  it.each([
    undefined,
    null,
    'PDSError',
    {},
    new Error('PDSError'),
    { name: 'PDSError', code: 'Aborted' },
    fieldsOf(full),
    // The error of the vendor's SDK has the same name.
    Object.assign(new Error('no'), { name: 'PDSError', code: 'ClientError', type: 'ClientError' }),
    Object.assign(new Error('no'), { name: 'PDSError', code: 1, outcome: 'unknown' }),
    new Proxy({}, { get: () => expect.fail('read') }),
  ])('returns false for value %#', (value) => {
    expect(isPDSError(value)).toBe(false)
  })
})
