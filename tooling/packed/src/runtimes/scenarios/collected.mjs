import v8 from 'node:v8'
import vm from 'node:vm'
import { createSession } from '@pds/session'
import { verify } from './verify.mjs'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')

/** Runs the garbage collector. Finalization callbacks run in a later turn of the event loop. */
async function collectGarbage() {
  for (let turn = 0; turn < 3; turn++) {
    collect()
    await new Promise(setImmediate)
  }
}

/** Reads responses with status 401 after everything unreferenced was collected. */
export async function run() {
  const body = { code: 'Forbidden', message: 'Not for you.' }
  const session = createSession({
    key: 'me',
    grant: { obtain: async () => ({ access_token: 'token', expires_in: 7200 }) },
    origins: ['https://files.example'],
    fetch: async () => Response.json(body, { status: 401 }),
  })
  for (let turn = 0; turn < 10; turn++) {
    const response = await session.fetch('https://files.example/list')
    await collectGarbage()
    verify('the response', await response.json().catch(String), body)
  }
  return 'complete'
}
