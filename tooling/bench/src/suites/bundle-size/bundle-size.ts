import { deepStrictEqual } from 'node:assert'
import type { Contender, MeasuredWork, Role, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { bundleForPage, type ImportedNames, type PageBundle } from './bundle-for-page.ts'

/** What a page imports, and of what its bundle then consists. */
interface Page {
  name: string
  names: ImportedNames
  packages: readonly string[]
  /** What these bring with them. */
  brought?: readonly string[]
}

const core = '@pds/core'
const oauth = '@pds/auth-oauth'
const session = '@pds/session'
const web = '@pds/session-web'

const wholeFlow: Page = {
  name: `${oauth}, the whole flow`,
  names: {
    [core]: ['createTransport'],
    [oauth]: ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
  },
  packages: [core, oauth, 'ky'],
}

const ours: readonly Page[] = [
  { name: core, names: { [core]: ['createTransport'] }, packages: [core, 'ky'] },
  wholeFlow,
  { name: session, names: { [session]: ['createSession'] }, packages: [core, session] },
  { name: web, names: { [web]: ['webStore', 'webStoreKey'] }, packages: [core, web] },
  {
    // All of what oidc-client-ts does, and the session of all tabs.
    name: 'a sign-in and its session in all tabs',
    names: {
      [core]: ['createTransport'],
      [oauth]: ['completeSignIn', 'oauthGrant', 'signInWithRedirect'],
      [session]: ['createSession', 'encrypted'],
      [web]: ['webStore', 'webStoreKey'],
    },
    packages: [core, oauth, session, web, 'ky'],
  },
  {
    name: '@pds/client',
    names: { '@pds/client': ['PDSClient'] },
    packages: ['@pds/auth-jwt', '@pds/client', core, oauth, 'ky'],
  },
]

/** With all that each of them has for a sign-in with PKCE and a refresh. */
const peers: readonly Page[] = [
  {
    name: 'oidc-client-ts',
    names: { 'oidc-client-ts': ['UserManager'] },
    packages: ['oidc-client-ts'],
    brought: ['jwt-decode'],
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
    brought: ['oauth4webapi'],
  },
  { name: 'axios', names: { axios: ['default'] }, packages: ['axios'] },
]

const limit: Page = { name: 'ky', names: { ky: ['default'] }, packages: ['ky'] }

/** What a page has to load of each of our packages that run in one. */
export async function bytes(settings: Settings): Promise<MeasuredWork[]> {
  const bundles = new Map<Page, Promise<PageBundle>>()
  const bundleOf = (page: Page) => {
    const bundle = bundles.get(page) ?? bundleForPage(page.names)
    bundles.set(page, bundle)
    return bundle
  }
  const contender = (page: Page, role: Role): Contender => ({
    name: page.name,
    role,
    packages: page.packages,
    async check() {
      const { bytes, packages } = await bundleOf(page)
      const wanted = [...page.packages, ...(page.brought ?? [])].sort()
      deepStrictEqual(packages, wanted, `the bundle of ${page.name} is not what it is to be`)
      // An index alone would be less.
      if (bytes < 500) throw new Error(`there is nothing in the bundle of ${page.name}`)
    },
    measure: async () => (await bundleOf(page)).bytes,
  })

  const works: MeasuredWork[] = []
  for (const own of ours) {
    const work = {
      name: `browser bytes of ${own.name}, min+gzip`,
      unit: 'bytes',
      contenders: [
        contender(own, 'ours'),
        ...peers.map((peer) => contender(peer, 'peer')),
        contender(limit, 'limit'),
      ],
      targets: own === wholeFlow ? [{ of: own.name, against: limit.name, atMost: 1.35 }] : [],
    } as const
    // Bundling gives the same each time.
    works.push(await measureInRounds(work, { ...settings, rounds: 1 }))
  }
  return works
}
