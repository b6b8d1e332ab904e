import { signAssertion } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { importPKCS8, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import type { BenchmarkResult, Role, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { timeFunction } from '../../harness/time-function.ts'
import {
  application,
  claims,
  isValidAssertion,
  private_key_pem,
  privateKey,
  signWithCrypto,
  user_id,
} from './jwt-application.ts'

/** Measures signing an assertion, with 1 and 16 concurrent calls. */
export async function assertions(settings: Settings): Promise<BenchmarkResult[]> {
  const transport = createTransport({ api_endpoint: 'https://bj1.api.example' })
  const params = { ...application, sub_type: 'user', user_id } as const
  const key = await importPKCS8(private_key_pem, 'RS256')
  const results: BenchmarkResult[] = []
  for (const concurrency of [1, 16]) {
    const timed = (name: string, role: Role, packages: string[], run: () => Promise<string>) =>
      timeFunction({ name, role, packages, run, isExpected: isValidAssertion }, settings, concurrency)
    const benchmark = {
      name: `Signed assertion, concurrency ${concurrency}`,
      unit: 'ns',
      candidates: [
        timed('signAssertion', 'ours', ['@pds/auth-jwt'], () => signAssertion(transport, params)),
        // With a PEM, as in its documentation and in the vendor's guide, it parses the key for each signature.
        timed('jsonwebtoken', 'other', ['jsonwebtoken'], async () =>
          jsonwebtoken.sign(claims(), private_key_pem, { algorithm: 'RS256' }),
        ),
        timed('jsonwebtoken with a parsed key', 'other', ['jsonwebtoken'], async () =>
          jsonwebtoken.sign(claims(), privateKey, { algorithm: 'RS256' }),
        ),
        timed('jose', 'other', ['jose'], () =>
          new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key),
        ),
        timed('crypto.sign', 'baseline', [], signWithCrypto),
      ],
      targets:
        concurrency === 16
          ? [
              { against: 'crypto.sign', minRatio: 0.9 },
              { against: 'jsonwebtoken', minRatio: 3 },
            ]
          : [],
    } as const
    results.push(await measureInRounds(benchmark, settings))
  }
  return results
}
