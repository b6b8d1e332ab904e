import { signAssertion } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { importPKCS8, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import type { MeasuredWork, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import { isAssertion } from './is-assertion.ts'
import { signWithCrypto } from './sign-with-crypto.ts'
import { application, claims, private_key_pem, privateKey, user_id } from './signing-key.ts'

/** Signs assertions, one and 16 at a time. */
export async function assertions(settings: Settings): Promise<MeasuredWork[]> {
  const transport = createTransport({ api_endpoint: 'https://bj1.api.example' })
  const params = { ...application, sub_type: 'user', user_id } as const
  const key = await importPKCS8(private_key_pem, 'RS256')
  const works: MeasuredWork[] = []
  for (const atOnce of [1, 16]) {
    const timed = (
      name: string,
      role: 'ours' | 'peer' | 'limit',
      packages: string[],
      run: () => Promise<string>,
    ) => timeFunction({ name, role, packages, run, isRight: isAssertion }, settings, atOnce)
    const work = {
      name: `an assertion, ${atOnce} at a time`,
      unit: 'ns',
      contenders: [
        timed('signAssertion', 'ours', ['@pds/auth-jwt'], () => signAssertion(transport, params)),
        timed('jsonwebtoken', 'peer', ['jsonwebtoken'], async () =>
          jsonwebtoken.sign(claims(), private_key_pem, { algorithm: 'RS256' }),
        ),
        // It parses the PEM each time, which its documentation and the vendor's guide have it do; it takes a key, too.
        timed('jsonwebtoken with a parsed key', 'peer', ['jsonwebtoken'], async () =>
          jsonwebtoken.sign(claims(), privateKey, { algorithm: 'RS256' }),
        ),
        timed('jose', 'peer', ['jose'], () =>
          new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key),
        ),
        timed('crypto.sign', 'limit', [], signWithCrypto),
      ],
      targets:
        atOnce === 16
          ? [
              { of: 'signAssertion', against: 'crypto.sign', atLeast: 0.9 },
              { of: 'signAssertion', against: 'jsonwebtoken', atLeast: 3 },
            ]
          : [],
    } as const
    works.push(await measureInRounds(work, settings))
  }
  return works
}
