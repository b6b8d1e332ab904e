import { expect, it } from 'vitest'
import { type LoggedRequest, RequestLog } from '../log/request-log.ts'
import { streamRequests } from './stream-requests.ts'

const entry = (requestId: string): LoggedRequest => ({
  at: 0,
  requestId,
  method: 'GET',
  path: '/',
  params: {},
  status: 200,
  response: undefined,
})

it('listens until its reader cancels the stream', async () => {
  const log = new RequestLog()
  const reader = streamRequests(log, undefined, new AbortController().signal).getReader()
  expect(log.listeners).toBe(1)
  await reader.cancel()
  expect(log.listeners).toBe(0)
  log.add(entry('a'))
})

it('listens until its request is aborted', async () => {
  const log = new RequestLog()
  const aborted = new AbortController()
  const reader = streamRequests(log, undefined, aborted.signal).getReader()
  await reader.read()
  aborted.abort()
  expect(log.listeners).toBe(0)
  expect(await reader.read()).toEqual({ done: true, value: undefined })
})

it('does not listen for an aborted request', async () => {
  const log = new RequestLog()
  streamRequests(log, undefined, AbortSignal.abort())
  expect(log.listeners).toBe(0)
})

it('ends if its reader is too slow', async () => {
  const log = new RequestLog()
  const stream = streamRequests(log, undefined, new AbortController().signal)
  for (let n = 0; n < 1000; n++) log.add(entry(`r${n}`))
  expect(log.listeners).toBe(0)
  let events = 0
  for await (const _ of stream) events++
  expect(events).toBeLessThan(500)
})

it('the log drops its oldest requests', () => {
  const log = new RequestLog()
  for (let n = 0; n < 10_001; n++) log.add(entry(`r${n}`))
  expect([log.entries.length, log.entries[0]?.requestId]).toEqual([10_000, 'r1'])
  expect(log.after('r9998', 200).map(({ requestId }) => requestId)).toEqual(['r9999', 'r10000'])
  expect(log.after('r0', 2).map(({ requestId }) => requestId)).toEqual(['r9999', 'r10000'])
})
