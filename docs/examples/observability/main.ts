// #region sdk
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'
import { pino } from 'pino'
import { observeWithOpenTelemetry } from './opentelemetry.ts'
import { observeWithPino } from './pino.ts'

// Exporters of your collector take the place of the console.
const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })
const meterProvider = new MeterProvider({ readers: [reader] })
metrics.setGlobalMeterProvider(meterProvider)
const tracerProvider = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })],
})
trace.setGlobalTracerProvider(tracerProvider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
// #endregion sdk

// #region observe
const stopTelemetry = observeWithOpenTelemetry()
// The key of a session may be personal data.
const stopLog = observeWithPino(pino({ redact: ['pds.key'] }))
// #endregion observe

// #region work
const env = fromEnv() // PDS_DOMAIN_ID, PDS_CLIENT_ID, PDS_PRIVATE_KEY
const transport = createTransport(env.transport)
const session = createSession({
  key: 'user-1',
  grant: jwtGrant({ transport, ...env.app, user_id: 'user-1' }),
})

// The spans of the requests are children of this one.
await trace.getTracer('worker').startActiveSpan('job', async (span) => {
  const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
  console.log(`the service responded with status ${response.status}`)
  span.end()
})

session.close()
stopTelemetry()
stopLog()
await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()])
// #endregion work
