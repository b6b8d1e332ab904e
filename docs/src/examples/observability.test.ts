import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSFetch, type PDSTransportConfig } from '@pds/core'
import { type Fault, type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSession, memoryStore, type Session, type SessionOptions } from '@pds/session'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Canaries } from '../../../tooling/e2e/src/faults/canaries.ts'
import { observeWithOpenTelemetry } from '../../examples/observability/opentelemetry.ts'
import { observeWithPino } from '../../examples/observability/pino.ts'
import { ExampleProcess, jwtAppEnvironment } from './example-process.ts'

/* The examples of the observability guide, against the emulator. */

const hour = 3_600_000
const path = '/v2/oauth/token'
const unavailable: Fault = { type: 'status', status: 503, headers: { 'retry-after': '0' }, path }
const redirect_uri = 'http://127.0.0.1:3000/callback'

const spanExporter = new InMemorySpanExporter()
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA)
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter })
const meterProvider = new MeterProvider({ readers: [reader] })
const tracerProvider = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })],
})
const contextManager = new AsyncLocalStorageContextManager()

let emulator: RunningEmulator
let stop: () => void
let lines: Record<string, unknown>[]
let text: string

beforeAll(() => {
  metrics.setGlobalMeterProvider(meterProvider)
  trace.setGlobalTracerProvider(tracerProvider)
  context.setGlobalContextManager(contextManager.enable())
})

afterAll(async () => {
  await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()])
  for (const api of [context, metrics, trace]) api.disable()
})

beforeEach(async () => {
  emulator = await startEmulator()
  spanExporter.reset()
  // Exports what earlier tests recorded.
  await meterProvider.forceFlush()
  metricExporter.reset()
  lines = []
  text = ''
  const write = (line: string) => {
    text += line
    lines.push(JSON.parse(line))
  }
  const logger = pino({ level: 'debug', redact: ['pds.key'] }, { write })
  const stops = [observeWithOpenTelemetry(), observeWithPino(logger)]
  stop = () => {
    for (const each of stops) each()
  }
})

afterEach(async () => {
  stop()
  await emulator.close()
})

/** Opens a session of an OAuth application whose token has expired. */
async function openExpiredSession(): Promise<{ session: Session; secrets: string[] }> {
  const { client_id, client_secret = '' } = emulator.app('webserver')
  const code = emulator.createCode({ client_id })
  const form = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code }
  const response = await fetch(`${emulator.api_endpoint}${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const token = await response.json()
  const { api_endpoint, clock } = emulator
  const transport = createTransport({ api_endpoint, clock: () => clock.now() })
  const grant = oauthGrant({ transport, client_id, client_secret, redirect_uri })
  const session = createSession({ key: 'user-4711', grant })
  await session.setToken(token)
  clock.advance(3 * hour)
  return { session, secrets: [client_secret, token.access_token, token.refresh_token] }
}

/** Opens a session of a JWT application. */
function openJwtSession(
  options: Partial<SessionOptions>,
  transportConfig: Partial<PDSTransportConfig> = {},
): Session {
  const { api_endpoint, domain_id } = emulator
  const { client_id, private_key_pem } = emulator.app('jwt')
  const transport = createTransport({ api_endpoint, ...transportConfig })
  const grant = jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id: 'user-1' })
  return createSession({ key: 'user-1', grant, ...options })
}

/** Returns the exported metrics: the values of counters and the number of values of histograms, by their attributes. */
async function exportedMetrics(): Promise<Record<string, unknown>> {
  await meterProvider.forceFlush()
  const exported = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
  return Object.fromEntries(
    exported
      .flatMap((scope) => scope.metrics)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({
          ...attributes,
          count: typeof value === 'number' ? value : value.count,
        })),
      ]),
  )
}

describe('a refresh that is retried', () => {
  it('is a span with its retry, whose parent is the span of the caller', async () => {
    const { session } = await openExpiredSession()
    emulator.injectFault(unavailable)
    await trace.getTracer('test').startActiveSpan('job', async (span) => {
      await session.getToken()
      span.end()
    })
    const [request, renewal, job] = spanExporter.getFinishedSpans()
    expect(request).toMatchObject({
      name: 'pds refreshToken',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      parentSpanContext: { spanId: job?.spanContext().spanId },
      attributes: {
        'pds.call_id': expect.any(String),
        'url.full': `${emulator.api_endpoint}${path}`,
        'server.address': '127.0.0.1',
        'http.response.status_code': 200,
        'http.request.resend_count': 1,
      },
      events: [
        {
          name: 'retry',
          attributes: {
            attempt: 1,
            delay: 0,
            'http.response.status_code': 503,
            'error.type': expect.any(String),
          },
        },
      ],
    })
    expect(renewal).toMatchObject({
      name: 'pds renewal',
      attributes: {
        reason: 'expired',
        outcome: 'renewed',
        'pds.call_ids': [request?.attributes['pds.call_id']],
      },
    })
    session.close()
  })

  it('is counted', async () => {
    const { session } = await openExpiredSession()
    emulator.injectFault(unavailable)
    await session.getToken()
    const code = expect.any(String)
    expect(await exportedMetrics()).toEqual({
      'pds.request.duration': [{ method: 'refreshToken', count: 1 }],
      'pds.request.retries': [{ method: 'refreshToken', 'error.type': code, count: 1 }],
      'pds.renewal.duration': [{ reason: 'expired', outcome: 'renewed', count: 1 }],
      'pds.renewal.waited': [{ reason: 'expired', outcome: 'renewed', count: 1 }],
    })
    session.close()
  })

  it('is logged, without the key of the session', async () => {
    const { session } = await openExpiredSession()
    emulator.injectFault(unavailable)
    await session.getToken()
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [20, 'refreshToken starts'],
      [40, expect.stringMatching(/^refreshToken is retried: .*status: 503/)],
      [30, expect.stringMatching(/^refreshToken took \d+ ms$/)],
      [30, expect.stringMatching(/^renewal \(expired\): renewed after \d+ ms$/)],
    ])
    expect(lines[3]).toMatchObject({ pds: { key: '[Redacted]', attempts: 1 } })
    expect(text).not.toContain('user-4711')
    session.close()
  })
})

describe('a renewal that fails', () => {
  it('is an error in the spans, the metrics and the log', async () => {
    const { session } = await openExpiredSession()
    emulator.injectFault({ type: 'status', status: 400, code: 'InvalidParameter.RefreshToken', path })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired' })
    const spans = spanExporter.getFinishedSpans()
    expect(
      spans.map(({ name, status, attributes }) => [name, status.code, attributes['error.type']]),
    ).toEqual([
      ['pds refreshToken', SpanStatusCode.ERROR, 'InvalidParameter.RefreshToken'],
      ['pds renewal', SpanStatusCode.ERROR, 'LoginRequired'],
    ])
    expect(await exportedMetrics()).toMatchObject({
      'pds.request.duration': [{ method: 'refreshToken', 'error.type': 'InvalidParameter.RefreshToken' }],
      'pds.renewal.duration': [{ reason: 'expired', outcome: 'failed', 'error.type': 'LoginRequired' }],
    })
    expect(lines.map(({ level }) => level)).toEqual([20, 50, 50])
    session.close()
  })
})

describe('the store', () => {
  it('fails: this is counted and logged', async () => {
    const store = memoryStore()
    store.read = () => Promise.reject(new Error('the disk is full'))
    const session = openJwtSession({ store })
    await session.getToken()
    expect(await exportedMetrics()).toMatchObject({
      'pds.session.store_failures': [{ method: 'read', count: expect.any(Number) }],
    })
    expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^the store failed: /))
    session.close()
  })

  it('has another state than the one that was renewed: this is counted and logged', async () => {
    const send: PDSFetch = async (url, init) => {
      const response = await fetch(url, init)
      if (url.endsWith(path)) await session.signOut()
      return response
    }
    const session = openJwtSession({}, { fetch: send })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired' })
    expect(await exportedMetrics()).toMatchObject({
      'pds.session.lost_commits': [{ stored: 'signed_out', count: 1 }],
    })
    expect(lines.map(({ msg }) => msg)).toContain('a new token was not stored: signed_out')
    session.close()
  })
})

describe('no export and no log contains a secret', () => {
  const faults: Record<string, Fault[]> = {
    'after a success': [],
    'after a retry': [unavailable],
    'after a rejection': [{ type: 'status', status: 400, code: 'InvalidParameter.RefreshToken', path }],
    'after lost responses': [{ type: 'drop', when: 'after', path, times: 2 }],
    'after a page of HTML': [{ type: 'html', path, times: 2 }],
  }

  it.each(Object.entries(faults))('%s', async (_name, injected) => {
    const { session, secrets } = await openExpiredSession()
    for (const fault of injected) emulator.injectFault(fault)
    const token = await session.getToken().catch(() => undefined)
    const canaries = new Canaries()
    for (const secret of [...secrets, token?.access_token, token?.refresh_token])
      if (secret) canaries.add(secret)
    await meterProvider.forceFlush()
    const spans = spanExporter.getFinishedSpans()
    expect(spans.length).toBeGreaterThan(1)
    const exported = spans.map(({ name, attributes, events, links, status }) => ({
      name,
      attributes,
      events,
      links,
      status,
    }))
    expect(canaries.in([exported, metricExporter.getMetrics(), text])).toEqual([])
    session.close()
  })
})

it('main.ts prints the spans, the metrics and the log of a job', async () => {
  emulator.injectFault(unavailable)
  const example = new ExampleProcess('observability/main.ts', jwtAppEnvironment(emulator))
  const { code, stdout, stderr } = await example.waitForExit()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('the service responded with status 200')
  for (const name of ['pds jwtGrant', 'pds renewal', 'job']) expect(stdout).toContain(`name: '${name}'`)
  expect(stdout).toContain('pds.request.retries')
  expect(stdout).toMatch(/"msg":"jwtGrant is retried: /)
  expect(stdout).not.toMatch(/eyJ|PRIVATE KEY/)
})
