import { PDSError } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { CliError, cancelled, usageError } from './cli-error.ts'
import { explainError } from './explain-error.ts'

describe('a PDSError', () => {
  it.each([
    ['LoginRequired', 'not-sent', 3],
    ['DecryptionFailed', 'not-sent', 3],
    ['StoreFailed', 'not-sent', 1],
    ['KeychainFailed', 'not-sent', 1],
    ['NetworkError', 'unknown', 1],
    ['Timeout', 'unknown', 1],
    ['Aborted', 'not-sent', 130],
    ['InvalidParameter', 'not-sent', 2],
    ['InvalidParameter', 'responded', 1],
    ['access_denied', 'responded', 1],
    ['constructor', 'responded', 1],
  ] as const)('%s (%s) has exit code %i', (code, outcome, exitCode) => {
    const explained = explainError(new PDSError('what happened', { code, outcome }))
    expect(explained).toMatchObject({ exitCode, json: { code, message: 'what happened', outcome } })
    expect(explained.detail).toBe(`${code}: what happened`)
    expect(explained.text.en).toMatch(/\.|pds /)
    expect(explained.text.zh).toMatch(/。|pds /)
  })

  it('names the command that signs in to the account', () => {
    const error = new PDSError('m', { code: 'LoginRequired', outcome: 'not-sent' })
    const { text } = explainError(error, { profile: 'jobs', user: 'ann', json: true })
    expect(text.en).toBe('You are not signed in. Run: pds login --profile jobs --user ann')
  })

  it('has its cause, its status and its request id', () => {
    const cause = new Error('the reason')
    const details = { outcome: 'responded', status: 500, reqId: 'r-1' } as const
    const { detail, json } = explainError(new PDSError('m', { code: 'Other', cause, ...details }))
    expect(detail).toBe('Other: m [status: 500] [code: Other] [reqId: r-1] (the reason)')
    const message = 'm [status: 500] [code: Other] [reqId: r-1] (the reason)'
    expect(json).toEqual({ code: 'Other', message, ...details })
  })

  it('that a command has caused has the text of the command', () => {
    const cause = new CliError('KeyFile', { en: 'the key', zh: '密钥' })
    const error = new PDSError('m', { code: 'KeyFile', outcome: 'not-sent', cause })
    expect(explainError(error)).toEqual({
      text: cause.text,
      exitCode: 1,
      json: { code: 'KeyFile', message: 'the key', outcome: 'not-sent' },
    })
  })
})

it.each([
  [usageError({ en: 'wrong', zh: '错' }), 2, 'Usage', 'wrong'],
  [cancelled(), 130, 'Aborted', 'Cancelled.'],
  [Object.assign(new Error('stopped'), { name: 'AbortError' }), 130, 'Aborted', 'Cancelled.'],
  [new TypeError('fetch failed', { cause: new Error('reset') }), 1, 'NetworkError', 'fetch failed (reset)'],
  [Object.assign(new Error('no space'), { code: 'ENOSPC' }), 1, 'ENOSPC', 'no space'],
  [new Error('failed', { cause: new Error('the reason') }), 1, 'Error', 'failed (the reason)'],
  [new TypeError('a mistake'), 1, 'Error', 'a mistake'],
  ['a text', 1, 'Error', 'a text'],
  [undefined, 1, 'Error', 'undefined'],
])('%o has exit code %i', (error, exitCode, code, message) => {
  expect(explainError(error)).toMatchObject({ exitCode, json: { code, message } })
})
