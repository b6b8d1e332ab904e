import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { storeTests } from '@pds/session/testing'
import dynalite from 'dynalite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoDBStore } from '../../examples/dynamodb/dynamodb-store.ts'
import { startLossyProxy } from './lossy-proxy.test-helper.ts'
import { expectOneRefresh } from './two-processes.test-helper.ts'

/* Runs the example against dynalite, a server with the HTTP interface of DynamoDB. */

const table = 'pds-sessions'
const region = 'eu-central-1'
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' }

describe('the store in DynamoDB', () => {
  let server: Server
  let endpoint: string
  let client: DynamoDBClient

  beforeAll(async () => {
    server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    client = connect(endpoint)
    await client.send(
      new CreateTableCommand({
        TableName: table,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  })
  afterAll(async () => {
    client?.destroy()
    server?.close()
  })

  function connect(endpoint: string): DynamoDBClient {
    // A test makes 1200 calls at once. By default, the client would warn that they wait for its 50 connections.
    const requestHandler = { socketAcquisitionWarningTimeout: 3_600_000 }
    return new DynamoDBClient({ endpoint, region, credentials, requestHandler })
  }

  describe('fulfils the Store contract', () => {
    it.each(storeTests(() => dynamoDBStore(client, table)))('$name', ({ run }) => run())
  })

  it('shares one token and one refresh between two processes', async () => {
    await expectOneRefresh('dynamodb', {
      STORE_ADDRESS: table,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    })
  })

  it('recognizes its write if the client of AWS retries it after a lost response', async () => {
    const proxy = await startLossyProxy(endpoint)
    const throughProxy = connect(proxy.url)
    const store = dynamoDBStore(throughProxy, table)
    proxy.loseNext('PutItem')
    expect(await store.compareAndSet('lost', { epoch: 0, data: 'a' }, 0)).toBe(true)
    // The client has retried the request automatically.
    const operations = ['GetItem', 'PutItem', 'PutItem', 'GetItem']
    expect(proxy.operations).toEqual(operations)
    proxy.loseNext('PutItem')
    expect((await store.lease('lost', 'one', 60_000))?.record).toEqual({ epoch: 0, data: 'a', rev: 1 })
    expect(proxy.operations).toEqual([...operations, ...operations])
    expect(await store.lease('lost', 'other', 60_000)).toBeUndefined()
    throughProxy.destroy()
  })

  it('reads with strong consistency, under a readable id', async () => {
    const requests: unknown[] = []
    const observed = connect(endpoint)
    observed.middlewareStack.add(
      (next) => async (args) => {
        requests.push(args.input)
        return next(args)
      },
      { step: 'initialize' },
    )
    const store = dynamoDBStore(observed, table)
    await store.compareAndSet('user-1#abc', { epoch: 0, data: 'a' }, 0)
    await store.read('user-1#abc')
    expect(requests.at(-1)).toMatchObject({ ConsistentRead: true, Key: { id: { S: 'user-1=23abc' } } })
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { id: { S: 'user-1=23abc' } } }),
    )
    expect(Object.keys(Item ?? {}).sort()).toEqual(['id', 'value', 'version'])
    observed.destroy()
  })

  it('rejects with the error of DynamoDB, without data of a session', async () => {
    const store = dynamoDBStore(client, 'another-table')
    const failure = await store.compareAndSet('key', { epoch: 0, data: 'canary' }, 0).catch((error) => error)
    expect(failure).toMatchObject({ name: 'ResourceNotFoundException' })
    expect(Object.keys(failure)).toEqual([])
  })
})
