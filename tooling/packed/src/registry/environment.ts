import { mkdirSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import path from 'node:path'
import { repository } from '../packages/repository.ts'

// Variables that programs need to run. They cannot name a registry, a token, a configuration file or a proxy.
const inherited = ['TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'CI', 'SYSTEMROOT']

/**
 * Returns the environment in which a test publishes. It names only the registry at `url`. It starts empty with a
 * separate home folder, because the developer may be logged in to the public registry: through a file in the home
 * folder, through `NPM_CONFIG_…` in any spelling, or through a token in a variable. A list of variables to remove
 * would miss the next one.
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
    ...Object.fromEntries(inherited.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
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
    // git needs an author for tags, and must not use the developer's hooks and signatures.
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'tests',
    GIT_AUTHOR_EMAIL: 'tests@localhost',
    GIT_COMMITTER_NAME: 'tests',
    GIT_COMMITTER_EMAIL: 'tests@localhost',
  }
}
