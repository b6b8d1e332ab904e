import type { Suite } from '../harness/benchmark.ts'
import { bytes } from './bundle-size/bundle-size.ts'
import { hotSession } from './cached-token/cached-token.ts'
import { coldStart } from './cold-start/cold-start.ts'
import { manyCallers } from './concurrent-refresh/concurrent-refresh.ts'
import { assertions } from './jwt/assertions.ts'
import { userToken } from './jwt/user-token.ts'
import { idleSessions } from './memory/memory.ts'
import { oauth } from './oauth/oauth.ts'

/** What `pnpm bench` measures, by the names that its option `--only` takes. */
export const suites: Readonly<Record<string, Suite>> = {
  'user-token': userToken,
  assertions,
  oauth,
  'hot-session': hotSession,
  'many-callers': manyCallers,
  'cold-start': coldStart,
  bytes,
  memory: idleSessions,
}
