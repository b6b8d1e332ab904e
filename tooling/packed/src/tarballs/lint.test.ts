import { readFileSync } from 'node:fs'
import path from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'
import { tools } from '../packages/repository.ts'
import { runNode } from '../packages/run-node.ts'

const attw = path.join(tools, '@arethetypeswrong/cli/dist/index.js')

describe.each(publishedPackages())('the tarball of $name', ({ tarball, manifest }) => {
  it('passes publint without errors, warnings and suggestions', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball))
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true })
    expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).toEqual([])
  })

  it('has types that resolve in all modes that can import ES modules', async () => {
    const { code, stdout, stderr } = await runNode([attw, '--profile', 'esm-only', '--no-color', tarball])
    expect(code, stdout + stderr).toBe(0)
  })
})
