import { expect, it } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { runNode } from '../packages/run-node.ts'
import { listExports } from '../types/list-exports.ts'

const consumer = createConsumer()
const entries = publishedPackages().flatMap(({ entries }) => entries)

it.each(['node', 'browser'])(
  'the modules export what their declarations export, under the condition %s',
  async (name) => {
    const declared = listExports(entries, consumer)
    const script = `
    const exported = {}
    for (const entry of ${JSON.stringify(entries)}) exported[entry] = Object.keys(await import(entry)).sort()
    console.log(JSON.stringify(exported))`
    const flags = [`--conditions=${name}`, '--input-type=module', '--eval', script]
    const { stdout, stderr } = await runNode(flags, { cwd: consumer })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(
      Object.fromEntries(Object.entries(declared).map(([entry, { values }]) => [entry, values])),
    )
  },
)
