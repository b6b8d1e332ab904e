import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'
import { dynamoDBStore } from '../../examples/dynamodb/dynamodb-store.ts'
import { etcdStore } from '../../examples/etcd/etcd-store.ts'

/*
 * A process with a session in the store of an example. Each input line starts that many concurrent calls of the service.
 * Then the process prints how many of them succeeded, and the hashes of the tokens that they used.
 */

const { PDS_API_ENDPOINT: api_endpoint = '', PDS_DOMAIN_ID: domain_id = '' } = process.env
const {
  PDS_CLIENT_ID: client_id = '',
  PDS_PRIVATE_KEY: private_key_pem = '',
  STORE_ADDRESS = '',
} = process.env
const requestTimeout = Number(process.env.REQUEST_TIMEOUT ?? 10_000)
const [, , name] = process.argv

const store = name === 'etcd' ? etcdStore(STORE_ADDRESS) : dynamoDBStore(new DynamoDBClient(), STORE_ADDRESS)
const transport = createTransport({ api_endpoint })
const user_id = 'ann'
const grant = jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id })
const leaseTime = requestTimeout + 1000
const session = createSession({ key: user_id, grant, store, requestTimeout, leaseTime })

async function call(): Promise<string> {
  const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
  if (response.status !== 200) throw new Error(`the status is ${response.status}`)
  const token = await session.getAccessToken()
  return createHash('sha256').update(token).digest('hex').slice(0, 8)
}

for await (const line of createInterface({ input: process.stdin })) {
  const used = await Promise.all(Array.from({ length: Number(line) }, call))
  process.stdout.write(`${used.length} calls with ${[...new Set(used)].join()}\n`)
}
session.close()
