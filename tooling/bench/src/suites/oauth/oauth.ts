import { partialDeepStrictEqual } from 'node:assert'
import type { MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { recordForms } from '../../servers/record-forms.ts'
import { startServer } from '../../servers/start-server.ts'
import { forms, type OAuthClient, oauthClients } from './oauth-clients.ts'

const calls = {
  exchange: { work: 'a code exchange', ours: 'getTokenByCode' },
  refresh: { work: 'a refresh', ours: 'refreshToken' },
} as const

/** Exchanges the code of a sign-in and refreshes its token over loopback, one and 16 at a time. */
export async function oauth({ time, ...rest }: Settings): Promise<MeasuredWork[]> {
  // There are many of them, which differ by more than that takes to show.
  const settings = { ...rest, time: time / 3 }
  await checkForms()
  const server = await startServer('token-server')
  try {
    const clients = oauthClients(server.endpoint)
    const works: MeasuredWork[] = []
    for (const call of ['exchange', 'refresh'] as const) {
      for (const atOnce of [1, 16]) {
        const contenders = clients.map((client) =>
          timeFunction(
            {
              ...client,
              name: client.role === 'ours' ? calls[call].ours : client.name,
              run: client[call],
              isRight: ({ access_token }) => Boolean(access_token),
            },
            settings,
            atOnce,
          ),
        )
        const name = `${calls[call].work} over loopback, ${atOnce} at a time`
        works.push(await measureInRounds({ name, unit: 'ns', contenders }, settings))
      }
    }
    return works
  } finally {
    await server.close()
  }
}

/** Throws where one of them asks for something else than the others: the stand-in server answers anything. */
async function checkForms(): Promise<void> {
  const recorder = await recordForms()
  try {
    for (const client of oauthClients(recorder.endpoint)) {
      await checkForm(client, 'exchange')
      await checkForm(client, 'refresh')
    }
  } finally {
    await recorder.close()
  }

  async function checkForm(client: OAuthClient, call: keyof typeof calls): Promise<void> {
    await client[call]()
    partialDeepStrictEqual(recorder.lastForm(), forms[call], `${client.name} sent something else`)
  }
}
