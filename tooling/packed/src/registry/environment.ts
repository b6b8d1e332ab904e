import { mkdirSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import path from 'node:path'
import { repository } from '../packages/repository.ts'

// What programs need to run at all. Nothing here can name a registry, a token, a file of settings or a proxy.
const passedOn = ['TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'CI', 'SYSTEMROOT']

/**
 * The environment in which a test publishes: it knows the registry at `url` and no other. It begins empty, with a home of
 * its own, because whoever runs the tests may be logged in to the public registry: by a file in the home folder, by
 * `NPM_CONFIG_…` in any spelling, or by a token in a variable. A list of what to leave out would miss the next one.
 */
export function publishEnvironment(
  home: string,
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true })
  const userConfig = path.join(home, '.npmrc')
  const { host } = new URL(url)
  writeFileSync(userConfig, `registry=${url}\n@pds:registry=${url}\n//${host}/:_authToken=anonymous\n`)
  return {
    ...Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    PATH: [path.join(repository, 'node_modules', '.bin'), path.dirname(process.execPath), env.PATH].join(
      path.delimiter,
    ),
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_STATE_HOME: path.join(home, 'state'),
    NPM_CONFIG_USERCONFIG: userConfig,
    NPM_CONFIG_GLOBALCONFIG: path.join(home, 'no-global-npmrc'),
    // Tags need somebody who makes them, and no hook or signature of whoever runs the tests.
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'tests',
    GIT_AUTHOR_EMAIL: 'tests@localhost',
    GIT_COMMITTER_NAME: 'tests',
    GIT_COMMITTER_EMAIL: 'tests@localhost',
  }
}
