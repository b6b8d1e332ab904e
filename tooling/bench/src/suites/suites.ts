import type { Suite } from '../harness/benchmark.ts'
import { bundleSize } from './bundle-size/bundle-size.ts'
import { cachedToken } from './cached-token/cached-token.ts'
import { coldStart } from './cold-start/cold-start.ts'
import { commandLine } from './command-line/command-line.ts'
import { concurrentRefresh } from './concurrent-refresh/concurrent-refresh.ts'
import { assertions } from './jwt/assertions.ts'
import { userToken } from './jwt/user-token.ts'
import { cachedTokens } from './many-users/cached-tokens.ts'
import { manyEvictions, manyUsers } from './many-users/many-users.ts'
import { memory } from './memory/memory.ts'
import { oauth } from './oauth/oauth.ts'
import { throttling } from './throttling/throttling.ts'

/** The suites of `pnpm bench` by the names that its option `--only` takes, in the order of the report. */
export const suites: Readonly<Record<string, Suite>> = {
  'user-token': userToken,
  assertions,
  oauth,
  'cached-token': cachedToken,
  'many-users-cached': cachedTokens,
  'many-users': manyUsers,
  'many-evictions': manyEvictions,
  throttling,
  'concurrent-refresh': concurrentRefresh,
  'cold-start': coldStart,
  'command-line': commandLine,
  'bundle-size': bundleSize,
  memory,
}
