import { getUserJwtToken } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import axios from 'axios'
import { JWT } from 'google-auth-library'
import { importPKCS8, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import * as openid from 'openid-client'
import type { MeasuredWork, Role, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { recordForms } from '../../servers/record-forms.ts'
import { startServer } from '../../servers/start-server.ts'
import { isAssertion } from './is-assertion.ts'
import { signWithCrypto } from './sign-with-crypto.ts'
import { application, claims, grant_type, private_key_pem, user_id } from './signing-key.ts'

/** What each of them gives, under whatever names it has for it. */
interface Token {
  access_token?: string | null | undefined
}

/** Obtains a token for a user over loopback, one and 16 at a time. */
export async function userToken(settings: Settings): Promise<MeasuredWork[]> {
  await checkForms()
  const server = await startServer('token-server')
  try {
    const { ours, axiosWithJsonwebtoken, google, openidClient, limit } = await contenders(server.endpoint)
    const works: MeasuredWork[] = []
    for (const atOnce of [1, 16]) {
      const timed = (name: string, role: Role, packages: string[], run: () => Promise<Token>) =>
        timeFunction(
          { name, role, packages, run, isRight: ({ access_token }) => Boolean(access_token) },
          settings,
          atOnce,
        )
      const work = {
        name: `a user token over loopback, ${atOnce} at a time`,
        unit: 'ns',
        contenders: [
          timed('getUserJwtToken', 'ours', ['@pds/auth-jwt', '@pds/core'], ours),
          timed('axios + jsonwebtoken', 'peer', ['axios', 'jsonwebtoken'], axiosWithJsonwebtoken),
          timed('google-auth-library', 'peer', ['google-auth-library'], google),
          timed('openid-client + jose', 'peer', ['openid-client', 'jose'], openidClient),
          timed('crypto.sign + fetch', 'limit', [], limit),
        ],
        targets:
          atOnce === 16
            ? [
                { of: 'getUserJwtToken', against: 'crypto.sign + fetch', atLeast: 0.85 },
                { of: 'getUserJwtToken', against: 'axios + jsonwebtoken', atLeast: 1.5 },
              ]
            : [],
      } as const
      works.push(await measureInRounds(work, settings))
    }
    return works
  } finally {
    await server.close()
  }
}

/** Throws where one of them sends something else than an assertion: the stand-in server answers anything. */
async function checkForms(): Promise<void> {
  const recorder = await recordForms()
  try {
    for (const [name, run] of Object.entries(await contenders(recorder.endpoint))) {
      await run()
      const form = recorder.lastForm()
      if (form.grant_type !== grant_type || !isAssertion(form.assertion ?? '')) {
        throw new Error(`${name} did not send an assertion`)
      }
    }
  } finally {
    await recorder.close()
  }
}

async function contenders(endpoint: string) {
  const { client_id } = application
  const address = `${endpoint}/v2/oauth/token`
  const transport = createTransport({ api_endpoint: endpoint })
  const key = await importPKCS8(private_key_pem, 'RS256')
  const configuration = new openid.Configuration(
    { issuer: endpoint, token_endpoint: address },
    client_id,
    undefined,
    openid.None(),
  )
  openid.allowInsecureRequests(configuration)
  const form = (assertion: string) => new URLSearchParams({ grant_type, client_id, assertion })

  return {
    ours: () => getUserJwtToken(transport, { ...application, user_id }),
    /** As the vendor's guide has it. */
    async axiosWithJsonwebtoken(): Promise<Token> {
      const assertion = jsonwebtoken.sign(claims(), private_key_pem, { algorithm: 'RS256' })
      return (await axios.post(address, form(assertion))).data
    },
    /** A client for each user; its transport takes the place of Google's address, which is fixed. */
    async google(): Promise<Token> {
      const jwt = new JWT({
        email: client_id,
        key: private_key_pem,
        subject: user_id,
        additionalClaims: claims(),
        transporterOptions: { fetchImplementation: (_url, init) => fetch(address, init) },
      })
      return jwt.authorize()
    },
    async openidClient(): Promise<Token> {
      const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key)
      return openid.genericGrantRequest(configuration, grant_type, { assertion })
    },
    async limit(): Promise<Token> {
      const body = form(await signWithCrypto())
      return (await (await fetch(address, { method: 'POST', body })).json()) as Token
    },
  }
}
