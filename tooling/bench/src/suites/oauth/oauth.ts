import { partialDeepStrictEqual } from 'node:assert'
import type { BenchmarkResult, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { startFormRecorder } from '../../servers/form-recorder.ts'
import { startTokenServer } from '../../servers/token-server.ts'
import { entries, forms, type OAuthClient, oauthClients } from './oauth-clients.ts'

const calls = {
  exchange: { name: 'Code exchange', ours: 'getTokenByCode' },
  refresh: { name: 'Token refresh', ours: 'refreshToken' },
} as const

const entryNames = Object.keys(entries) as (keyof typeof entries)[]

/** Measures exchanging a code and refreshing a token over loopback, with 1 and 16 concurrent calls. */
export async function oauth({ minTime, ...rest }: Settings): Promise<BenchmarkResult[]> {
  // The suite has many candidates, and a third of the time is enough to show their differences.
  const settings = { ...rest, minTime: minTime / 3 }
  await checkForms()
  const server = await startTokenServer()
  try {
    const results: BenchmarkResult[] = []
    for (const call of ['exchange', 'refresh'] as const) {
      for (const concurrency of [1, 16]) {
        for (const entry of entryNames) {
          const candidates = oauthClients(server.endpoint, entry).map((client) =>
            timeFunction(
              {
                ...client,
                name: client.role === 'ours' ? calls[call].ours : client.name,
                run: client[call],
                isExpected: ({ access_token }) => Boolean(access_token),
              },
              settings,
              concurrency,
            ),
          )
          const name = `${calls[call].name} over loopback with ${entry}, concurrency ${concurrency}`
          const hasTarget = call === 'refresh' && concurrency === 16 && entry === '@pds/core/fetch'
          const targets = hasTarget ? [{ against: 'fetch', minRatio: 0.76 }] : []
          results.push(await measureInRounds({ name, unit: 'ns', candidates, targets }, settings))
        }
      }
    }
    return results
  } finally {
    await server.close()
  }
}

/** Throws if a client sends another form than the others. The token server would not notice. */
async function checkForms(): Promise<void> {
  const recorder = await startFormRecorder()
  try {
    for (const entry of entryNames) {
      for (const client of oauthClients(recorder.endpoint, entry)) {
        await checkForm(client, 'exchange')
        await checkForm(client, 'refresh')
      }
    }
  } finally {
    await recorder.close()
  }

  async function checkForm(client: OAuthClient, call: keyof typeof calls): Promise<void> {
    await client[call]()
    partialDeepStrictEqual(recorder.lastForm(), forms[call], `${client.name} sent another form`)
  }
}
