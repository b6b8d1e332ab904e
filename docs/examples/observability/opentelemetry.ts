// #region setup
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { metrics, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { PDSRequestMessage } from '@pds/core'
import type { SessionMessage } from '@pds/session'

/** Turns the requests and renewals of this process into spans and metrics. Returns a function that stops this. */
export function observeWithOpenTelemetry(): () => void {
  const observers = { 'pds:request': observeRequests(), 'pds:session': observeSessions() }
  for (const [channel, observer] of Object.entries(observers)) subscribe(channel, observer)
  return () => {
    for (const [channel, observer] of Object.entries(observers)) unsubscribe(channel, observer)
  }
}
// #endregion setup

// #region requests
function observeRequests(): (message: unknown) => void {
  const tracer = trace.getTracer('pds')
  const meter = metrics.getMeter('pds')
  const durations = meter.createHistogram('pds.request.duration', { unit: 's' })
  const retries = meter.createCounter('pds.request.retries')
  /** The spans of the calls that are under way, by call id. */
  const spans = new Map<string, Span>()

  return (message) => {
    const call = message as PDSRequestMessage
    const { callId, method, url } = call
    if (call.type === 'start') {
      const attributes = {
        'pds.call_id': callId,
        'http.request.method': 'POST',
        'url.full': url,
        'server.address': new URL(url).hostname,
      }
      spans.set(callId, tracer.startSpan(`pds ${method}`, { kind: SpanKind.CLIENT, attributes }))
      return
    }
    const span = spans.get(callId)
    const { status, reqId } = call
    const error = call.type === 'end' ? {} : { 'error.type': call.code }
    if (call.type === 'retry') {
      const { attempt, delay } = call
      span?.addEvent('retry', { attempt, delay, ...error, 'http.response.status_code': status })
      retries.add(1, { method, ...error })
      return
    }
    span?.setAttributes({
      ...error,
      'http.response.status_code': status,
      'http.request.resend_count': Math.max(0, call.attempts - 1),
      'pds.request_id': reqId,
    })
    if (call.type === 'error') span?.setStatus({ code: SpanStatusCode.ERROR, message: call.message })
    span?.end()
    spans.delete(callId)
    durations.record(call.duration / 1000, { method, ...error })
  }
}
// #endregion requests

// #region sessions
function observeSessions(): (message: unknown) => void {
  const tracer = trace.getTracer('pds')
  const meter = metrics.getMeter('pds')
  const durations = meter.createHistogram('pds.renewal.duration', { unit: 's' })
  const waits = meter.createHistogram('pds.renewal.waited', { unit: 's' })
  const lostCommits = meter.createCounter('pds.session.lost_commits')
  const storeFailures = meter.createCounter('pds.session.store_failures')

  return (message) => {
    const event = message as SessionMessage
    if (event.type === 'commit_lost') return lostCommits.add(1, { stored: event.stored })
    if (event.type === 'store_failure') return storeFailures.add(1, { method: event.method })
    const { reason, outcome, code, message: text = '', duration, waited } = event
    const attributes = { reason, outcome, ...(code && { 'error.type': code }) }
    durations.record(duration / 1000, attributes)
    waits.record(waited / 1000, attributes)
    // The message comes at the end of a renewal. It has the call ids of the requests, whose spans are separate.
    const span = tracer.startSpan('pds renewal', {
      startTime: Date.now() - duration,
      attributes: { ...attributes, 'pds.call_ids': [...event.callIds] },
    })
    if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: text })
    span.end()
  }
}
// #endregion sessions
