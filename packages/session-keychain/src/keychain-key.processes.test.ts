import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { askAtOnce, runJob, startKeyProcess } from './start-key-process.test-helper.ts'
import { temporaryFile } from './temporary.test-helper.ts'

// The binary of @napi-rs/keyring is missing, as on a platform that it does not support.
const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: path.join(import.meta.dirname, 'missing') }

it('20 processes that start at the same time get one key, and one of them says that it is in a file', async () => {
  const file = temporaryFile()
  const results = await askAtOnce(20, { file, env })
  expect(results.map(({ error }) => error)).toEqual(Array(20).fill(undefined))
  const { key } = JSON.parse(readFileSync(file, 'utf8'))
  expect(results.map((result) => result.key)).toEqual(Array(20).fill(key))
  expect(results.flatMap(({ fallbacks }) => fallbacks)).toHaveLength(1)
  expect(readdirSync(path.dirname(file)).sort()).toEqual(['key.json', 'key.json.lock'])
})

it('a process that is killed releases the lock', async () => {
  const file = temporaryFile()
  const owner = await startKeyProcess('lock', { file, env })
  expect(await runJob<string>(owner)).toBe('locked')
  const other = runJob(await startKeyProcess('key', { file, env }))
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(await other).toMatchObject({ key: expect.any(String), fallbacks: [expect.any(String)] })
})
