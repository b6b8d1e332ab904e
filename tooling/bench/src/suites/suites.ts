import type { Suite } from '../harness/work.ts'
import { assertions } from './assertions.ts'
import { bytes } from './bytes.ts'
import { coldStart } from './cold-start.ts'
import { hotSession } from './hot-session.ts'
import { idleSessions } from './idle-sessions.ts'
import { manyCallers } from './many-callers.ts'
import { oauth } from './oauth.ts'
import { userToken } from './user-token.ts'

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
