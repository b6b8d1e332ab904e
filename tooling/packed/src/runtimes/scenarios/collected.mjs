import v8 from 'node:v8'
import vm from 'node:vm'
import { createSession } from '@pds/session'
import { verify } from './verify.mjs'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')

/** What was collected is told to those who have asked for that in a turn of its own. */
async function collectGarbage() {
  for (let turn = 0; turn < 3; turn++) {
    collect()
    await new Promise(setImmediate)
  }
}

/** Reads answers with the status of a refused token when everything of them that nobody holds is gone. */
export async function run() {
  const answer = { code: 'Forbidden', message: 'Not for you.' }
  const session = createSession({
    key: 'me',
    grant: { obtain: async () => ({ access_token: 'token', expires_in: 7200 }) },
    origins: ['https://files.example'],
    fetch: async () => Response.json(answer, { status: 401 }),
  })
  for (let turn = 0; turn < 10; turn++) {
    const response = await session.fetch('https://files.example/list')
    await collectGarbage()
    verify('the answer', await response.json().catch(String), answer)
  }
  return 'all there'
}
