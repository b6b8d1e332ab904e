import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { serveSite } from './serve-site.ts'

it('a port that is in use is named in the error', async () => {
  const site = await serveSite(0)
  const { port } = new URL(site.origin)
  const program = path.join(import.meta.dirname, 'serve.ts')
  const { status, stderr } = spawnSync(process.execPath, [program, '--port', port], { encoding: 'utf8' })
  await site.close()
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `port ${port} is in use by another program: select another with --port
Usage: npm run docs [-- --port <number>]
`,
  })
})
