import { expect, it } from 'vitest'
import { statementRunner } from './query.ts'

const failure = (code: string) => Object.assign(new Error('it failed'), { code })

it.each(['40001', '40P01'])(
  'runs a statement again that the server rolled back with SQLSTATE %s',
  async (code) => {
    let left = 3
    const params = ['a']
    const sent: unknown[] = []
    const run = statementRunner(async (text, given) => {
      sent.push([text, given])
      // A client may change its arguments.
      given.length = 0
      if (left-- > 0) throw failure(code)
      return [{ rev: '1' }]
    })
    expect(await run('SELECT $1', params)).toEqual([{ rev: '1' }])
    expect(sent).toHaveLength(4)
    expect(params).toEqual(['a'])
  },
)

it('rejects a statement that the server rolled back 20 times', async () => {
  let sent = 0
  const run = statementRunner(async () => {
    sent++
    throw failure('40001')
  })
  await expect(run('SELECT')).rejects.toThrow('PostgreSQL: it failed (SQLSTATE 40001)')
  expect(sent).toBe(20)
})

it.each(['23505', '57014', '08006', 'ECONNRESET'])(
  'does not run a statement again after %s',
  async (code) => {
    let sent = 0
    const run = statementRunner(async () => {
      sent++
      throw failure(code)
    })
    await expect(run('SELECT')).rejects.toThrow(/^PostgreSQL: it failed/)
    expect(sent).toBe(1)
  },
)

it('accepts rows as an array and as an object', async () => {
  for (const result of [[{ a: '1' }], { rows: [{ a: '1' }] }]) {
    expect(await statementRunner(async () => result)('SELECT')).toEqual([{ a: '1' }])
  }
})

it('rejects if the function throws', async () => {
  const run = statementRunner(() => {
    throw new Error('thrown at once')
  })
  await expect(run('SELECT')).rejects.toThrow('PostgreSQL: thrown at once')
})
