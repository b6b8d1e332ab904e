import { deepStrictEqual } from 'node:assert'
import type { BenchmarkResult, Candidate, Role, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { bundleForPage, type ImportedNames, type PageBundle } from './bundle-for-page.ts'

/** The imports of a web page, and the packages that its bundle must contain. */
interface Page {
  name: string
  names: ImportedNames
  packages: readonly string[]
  /** The dependencies of the packages. */
  dependencies?: readonly string[]
}

const core = '@pds/core'
const oauth = '@pds/auth-oauth'
const session = '@pds/session'
const web = '@pds/session-web'

/** The features of oidc-client-ts, and a session that all tabs share. */
const signInWithSession: ImportedNames = {
  [oauth]: ['completeSignIn', 'oauthGrant', 'signInWithRedirect'],
  [session]: ['createSession', 'encryptedStore'],
  [web]: ['webStore', 'webStoreKey'],
}

const completeFlow: Page = {
  name: `${oauth}, complete flow`,
  names: {
    [core]: ['createTransport'],
    [oauth]: ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
  },
  packages: [core, oauth, 'ky'],
}

const ours: readonly Page[] = [
  { name: core, names: { [core]: ['createTransport'] }, packages: [core, 'ky'] },
  { name: `${core}/fetch`, names: { [`${core}/fetch`]: ['createTransport'] }, packages: [core] },
  completeFlow,
  {
    name: `${completeFlow.name}, with ${core}/fetch`,
    names: { ...completeFlow.names, [core]: [], [`${core}/fetch`]: ['createTransport'] },
    packages: [core, oauth],
  },
  { name: session, names: { [session]: ['createSession'] }, packages: [core, session] },
  { name: web, names: { [web]: ['webStore', 'webStoreKey'] }, packages: [core, web] },
  {
    name: 'sign-in with a session for all tabs',
    names: { [core]: ['createTransport'], ...signInWithSession },
    packages: [core, oauth, session, web, 'ky'],
  },
  {
    name: `sign-in with a session for all tabs, with ${core}/fetch`,
    names: { [`${core}/fetch`]: ['createTransport'], ...signInWithSession },
    packages: [core, oauth, session, web],
  },
  {
    name: '@pds/client',
    names: { '@pds/client': ['PDSClient'] },
    packages: ['@pds/auth-jwt', '@pds/client', core, oauth, session, 'ky'],
  },
]

/** With all functions that a sign-in with PKCE and a refresh need. */
const others: readonly Page[] = [
  {
    name: 'oidc-client-ts',
    names: { 'oidc-client-ts': ['UserManager'] },
    packages: ['oidc-client-ts'],
    dependencies: ['jwt-decode'],
  },
  {
    name: 'oauth4webapi',
    names: {
      oauth4webapi: [
        ...['generateRandomCodeVerifier', 'calculatePKCECodeChallenge', 'generateRandomState', 'None'],
        ...['validateAuthResponse', 'authorizationCodeGrantRequest', 'processAuthorizationCodeResponse'],
        ...['refreshTokenGrantRequest', 'processRefreshTokenResponse'],
      ],
    },
    packages: ['oauth4webapi'],
  },
  {
    name: 'openid-client',
    names: {
      'openid-client': [
        ...['Configuration', 'None', 'randomPKCECodeVerifier', 'calculatePKCECodeChallenge', 'randomState'],
        ...['buildAuthorizationUrl', 'authorizationCodeGrant', 'refreshTokenGrant'],
      ],
    },
    packages: ['openid-client'],
    dependencies: ['oauth4webapi'],
  },
  { name: 'axios', names: { axios: ['default'] }, packages: ['axios'] },
]

const baseline: Page = { name: 'ky', names: { ky: ['default'] }, packages: ['ky'] }

/** Measures the size of a bundle with each of our packages that run in a browser. */
export async function bundleSize(settings: Settings): Promise<BenchmarkResult[]> {
  const bundles = new Map<Page, Promise<PageBundle>>()
  const bundleOf = (page: Page) => {
    const bundle = bundles.get(page) ?? bundleForPage(page.names)
    bundles.set(page, bundle)
    return bundle
  }
  const candidate = (page: Page, role: Role): Candidate => ({
    name: page.name,
    role,
    packages: page.packages,
    async check() {
      const { bytes, packages } = await bundleOf(page)
      const expected = [...page.packages, ...(page.dependencies ?? [])].sort()
      deepStrictEqual(packages, expected, `the bundle of ${page.name} contains other packages`)
      // Without the imported functions, it would be smaller.
      if (bytes < 500) throw new Error(`the bundle of ${page.name} is empty`)
    },
    measure: async () => (await bundleOf(page)).bytes,
  })

  const results: BenchmarkResult[] = []
  for (const own of ours) {
    const benchmark = {
      name: `Browser bundle of ${own.name}, minified and gzipped`,
      unit: 'bytes',
      candidates: [
        candidate(own, 'ours'),
        ...others.map((other) => candidate(other, 'other')),
        candidate(baseline, 'baseline'),
      ],
      // Ours is at most 1.35 times as large as the baseline.
      targets: own === completeFlow ? [{ against: baseline.name, minRatio: 1 / 1.35 }] : [],
    } as const
    // A bundle is the same in each round.
    results.push(await measureInRounds(benchmark, { ...settings, rounds: 1 }))
  }
  return results
}
