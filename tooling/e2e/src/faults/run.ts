import { isPDSError, PDSClient } from '@pds/client'
import type { PDSFetch } from '@pds/core'
import { type Failure, makeFailures } from './failures.ts'
import { type PreparedCall, startTestDomain } from './methods.ts'
import { ObservedClient } from './observed-client.ts'

/*
 * Runs each failure of the table in the README of @pds/core with the given methods, and prints the results as JSON:
 * node run.ts <slowness> <method>... A separate process, because matrix-tests.ts checks that no open handle keeps it
 * running.
 */

/** The result of one failure with one method. */
export interface Cell {
  row: string
  failure: string
  method: string
  /** Whether the failure affected the first attempt or every attempt. */
  occurs: 'once' | 'always'
  /** `ok` or the code of the error. */
  result: string
  /** The error code of the failure, if the table says that it is the service's. */
  ownCode?: string | undefined
  outcome?: string
  attempts: number
  /** Whether the code or refresh token still worked in another call. */
  isUnspent?: boolean
  /** The leaked secrets by source. */
  leaks: string[]
}

/** The results of a call whose response had a wrong `Date` header, and of the next call. */
interface SkewedCell {
  method: string
  /** The error of the `Date` header, in milliseconds. */
  skew: number
  results: string[]
}

export interface Report {
  cells: Cell[]
  skewed: SkewedCell[]
  /** The number of requests that reached the target of a redirect. */
  trapped: number
}

const [slowness, ...methods] = process.argv.slice(2)
// Long enough for the next attempt, which gets a response.
const shortTimeout = 400 * Number(slowness)

// Removes the pauses between attempts, which are random between 0 and a maximum.
Math.random = () => 0

const domain = await startTestDomain()
const { emulator } = domain
const { api_endpoint } = emulator

const resultOf = (error: unknown) =>
  error === undefined ? 'ok' : isPDSError(error) ? error.code : `not a PDSError: ${error}`

const prepare = (method: string) => (domain.methods[method] as () => Promise<PreparedCall>)()

async function runCell(failure: Failure, method: string, occurs: Cell['occurs']): Promise<Omit<Cell, 'row'>> {
  const call = await prepare(method)
  const observed: ObservedClient = new ObservedClient(domain, call, {
    fetch: (url, init) => {
      const fails = occurs === 'always' || observed.attempts === 1
      return ((fails && failure.fetch) || (fetch as PDSFetch))(url, init)
    },
    retryCount: 2,
    // Only these failures need a timeout.
    timeout: ['delay', 'drip'].includes(failure.fault?.type ?? '') ? shortTimeout : 0,
    totalTimeout: 0,
  })
  const logged = emulator.requests.length
  if (failure.fault) emulator.injectFault({ ...failure.fault, times: occurs === 'always' ? 9 : 1 })
  const error = await observed.make(call)
  await domain.settle()
  const { attempts } = observed
  const spends = error !== undefined && call.secrets.length > 0
  const isUnspent =
    spends &&
    (await call.make(new PDSClient({ api_endpoint })).then(
      () => true,
      () => false,
    ))
  return {
    failure: failure.name,
    ownCode: failure.code,
    method,
    occurs,
    result: resultOf(error),
    ...(isPDSError(error) && { outcome: error.outcome }),
    attempts,
    ...(spends && { isUnspent }),
    leaks: observed.leaks({ log: emulator.requests.slice(logged) }),
  }
}

async function runSkewed(method: string, skew: number): Promise<SkewedCell> {
  const client = new PDSClient({ api_endpoint })
  const calls = [await prepare(method), await prepare(method)]
  emulator.injectFault({ type: 'date', skew })
  const results: string[] = []
  for (const call of calls) results.push(resultOf(await call.make(client).then(() => undefined, String)))
  return { method, skew, results }
}

const { failures, trapped, close } = await makeFailures()
const report: Report = { cells: [], skewed: [], trapped: 0 }
for (const method of methods) {
  for (const [row, variants] of Object.entries(failures)) {
    for (const failure of variants) {
      for (const occurs of ['once', 'always'] as const) {
        report.cells.push({ row, ...(await runCell(failure, method, occurs)) })
      }
    }
  }
  for (const hours of [-3, 3, -87_600, 87_600]) {
    report.skewed.push(await runSkewed(method, hours * 3_600_000))
  }
}
await emulator.close()
close()
report.trapped = trapped()
process.stdout.write(JSON.stringify(report))
