import { storeTests } from '@pds/session/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hangTime } from '../../../tooling/shared/src/time.ts'
import { etcdStore } from '../../examples/etcd/etcd-store.ts'
import { startLossyProxy } from './lossy-proxy.test-helper.ts'
import { etcdIsMissing, type RunningEtcd, startEtcd } from './start-etcd.test-helper.ts'
import { expectOneRefresh, expectTakeover } from './two-processes.test-helper.ts'

describe.skipIf(etcdIsMissing)(`the store in etcd ${etcdIsMissing || ''}`, () => {
  let etcd: RunningEtcd
  beforeAll(async () => {
    etcd = await startEtcd()
  })
  afterAll(() => etcd?.stop())

  describe('fulfils the Store contract', () => {
    // A test makes 1200 calls at once, which may take long on a busy machine.
    it.each(storeTests(() => etcdStore(etcd.url, 'pds/', hangTime)))('$name', ({ run }) => run())
  })

  it('shares one token and one refresh between two processes', async () => {
    await expectOneRefresh('etcd', { STORE_ADDRESS: etcd.url })
  })

  it('lets another process take over the lease of a killed process', async () => {
    await expectTakeover('etcd', { STORE_ADDRESS: etcd.url }, async () => {
      const [key, range_end] = ['pds/ann=23', 'pds/ann=24'].map((text) =>
        Buffer.from(text).toString('base64'),
      )
      const response = await fetch(`${etcd.url}/v3/kv/range`, {
        method: 'POST',
        body: JSON.stringify({ key, range_end }),
      })
      const { kvs }: { kvs: { value: string }[] } = await response.json()
      const values = kvs.map(({ value }) => JSON.parse(Buffer.from(value, 'base64').toString()))
      return values.filter(({ lease }) => lease).length
    })
  })

  it('recognizes its write if the response of etcd is lost', async () => {
    const proxy = await startLossyProxy(etcd.url)
    const store = etcdStore(proxy.url)
    proxy.loseNext('txn')
    expect(await store.compareAndSet('lost', { epoch: 0, data: 'a' }, 0)).toBe(true)
    expect(proxy.operations).toEqual(['range', 'txn', 'range'])
    proxy.loseNext('txn')
    expect((await store.lease('lost', 'one', 60_000))?.record).toEqual({ epoch: 0, data: 'a', rev: 1 })
    expect(await store.lease('lost', 'other', 60_000)).toBeUndefined()
  })

  it('separates stores by their prefixes', async () => {
    const [one, other] = [etcdStore(etcd.url, 'one/'), etcdStore(etcd.url, 'other/')]
    await one.compareAndSet('key', { epoch: 0, data: 'a' }, 0)
    expect(await other.read('key')).toBeUndefined()
    const listed = []
    for await (const key of other.list?.() ?? []) listed.push(key)
    expect(listed).toEqual([])
  })

  it('deletes a key that was leased and never written', async () => {
    const store = etcdStore(etcd.url, 'unused/')
    const count = async () => {
      const key = Buffer.from('unused/key').toString('base64')
      const body = JSON.stringify({ key, count_only: true })
      const response = await fetch(`${etcd.url}/v3/kv/range`, { method: 'POST', body })
      return Number((await response.json()).count ?? 0)
    }
    const leaseAndRelease = async () =>
      store.release('key', 'one', (await store.lease('key', 'one', 60_000))?.fence ?? 0)
    await leaseAndRelease()
    expect(await count()).toBe(1)
    // A release deletes the key once its fencing token is older than the tolerance for clocks.
    await expect
      .poll(async () => {
        await store.release('key', 'one', 0)
        return count()
      })
      .toBe(0)
  })

  it('keeps the records when etcd is killed and started again', async () => {
    const store = etcdStore(etcd.url)
    await store.compareAndSet('durable', { epoch: 3, data: 'a' }, 0)
    await etcd.restart()
    expect(await store.read('durable')).toEqual({ epoch: 3, data: 'a', rev: 1 })
    expect(await store.compareAndSet('durable', { epoch: 3, data: 'b' }, 1)).toBe(true)
  })

  it('rejects with the status of etcd, without data of a session', async () => {
    const wrong = etcdStore(`${etcd.url}/elsewhere`)
    await expect(wrong.compareAndSet('key', { epoch: 0, data: 'a' }, 0)).rejects.toThrow(
      'etcd responded with the status 404',
    )
  })
})
