import { getUserJwtToken } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import axios from 'axios'
import { JWT } from 'google-auth-library'
import { importPKCS8, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import * as openid from 'openid-client'
import type { BenchmarkResult, Role, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { startFormRecorder } from '../../servers/form-recorder.ts'
import { startTokenServer } from '../../servers/token-server.ts'
import {
  application,
  claims,
  grant_type,
  isValidAssertion,
  private_key_pem,
  signWithCrypto,
  user_id,
} from './jwt-application.ts'

/** The field of a token that the candidates have in common. */
interface Token {
  access_token?: string | null | undefined
}

/** Measures getting a token for a user over loopback, with 1 and 16 concurrent calls. */
export async function userToken(settings: Settings): Promise<BenchmarkResult[]> {
  await checkForms()
  const server = await startTokenServer()
  try {
    const { ours, axiosWithJsonwebtoken, google, openidClient, baseline } = await createClients(
      server.endpoint,
    )
    const results: BenchmarkResult[] = []
    for (const concurrency of [1, 16]) {
      const timed = (name: string, role: Role, packages: string[], run: () => Promise<Token>) =>
        timeFunction(
          { name, role, packages, run, isExpected: ({ access_token }) => Boolean(access_token) },
          settings,
          concurrency,
        )
      const benchmark = {
        name: `User token over loopback, concurrency ${concurrency}`,
        unit: 'ns',
        candidates: [
          timed('getUserJwtToken', 'ours', ['@pds/auth-jwt', '@pds/core'], ours),
          timed('axios + jsonwebtoken', 'other', ['axios', 'jsonwebtoken'], axiosWithJsonwebtoken),
          timed('google-auth-library', 'other', ['google-auth-library'], google),
          timed('openid-client + jose', 'other', ['openid-client', 'jose'], openidClient),
          timed('crypto.sign + fetch', 'baseline', [], baseline),
        ],
        targets:
          concurrency === 16
            ? [
                { against: 'crypto.sign + fetch', minRatio: 0.85 },
                { against: 'axios + jsonwebtoken', minRatio: 1.5 },
              ]
            : [],
      } as const
      results.push(await measureInRounds(benchmark, settings))
    }
    return results
  } finally {
    await server.close()
  }
}

/** Throws if a client sends no valid assertion. The token server would not notice. */
async function checkForms(): Promise<void> {
  const recorder = await startFormRecorder()
  try {
    for (const [name, run] of Object.entries(await createClients(recorder.endpoint))) {
      await run()
      const form = recorder.lastForm()
      if (form.grant_type !== grant_type || !isValidAssertion(form.assertion ?? '')) {
        throw new Error(`${name} sent no valid assertion`)
      }
    }
  } finally {
    await recorder.close()
  }
}

async function createClients(endpoint: string) {
  const { client_id } = application
  const tokenUrl = `${endpoint}/v2/oauth/token`
  const transport = createTransport({ api_endpoint: endpoint })
  const key = await importPKCS8(private_key_pem, 'RS256')
  const configuration = new openid.Configuration(
    { issuer: endpoint, token_endpoint: tokenUrl },
    client_id,
    undefined,
    openid.None(),
  )
  openid.allowInsecureRequests(configuration)
  const form = (assertion: string) => new URLSearchParams({ grant_type, client_id, assertion })

  return {
    ours: () => getUserJwtToken(transport, { ...application, user_id }),
    /** As in the vendor's guide. */
    async axiosWithJsonwebtoken(): Promise<Token> {
      const assertion = jsonwebtoken.sign(claims(), private_key_pem, { algorithm: 'RS256' })
      return (await axios.post(tokenUrl, form(assertion))).data
    },
    /** Creates a client for each user. The custom fetch replaces Google's address, which is fixed. */
    async google(): Promise<Token> {
      const jwt = new JWT({
        email: client_id,
        key: private_key_pem,
        subject: user_id,
        additionalClaims: claims(),
        transporterOptions: { fetchImplementation: (_url, init) => fetch(tokenUrl, init) },
      })
      return jwt.authorize()
    },
    async openidClient(): Promise<Token> {
      const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key)
      return openid.genericGrantRequest(configuration, grant_type, { assertion })
    },
    async baseline(): Promise<Token> {
      const body = form(await signWithCrypto())
      return (await (await fetch(tokenUrl, { method: 'POST', body })).json()) as Token
    },
  }
}
