import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../harness/request-process.ts'
import { sampleToken } from './token-server.ts'

/* Does as little as a server can do, in a separate process, so that the benchmarks measure the work of the clients. */

const body = JSON.stringify(sampleToken('user-1'))
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body))
})
const listening = once(server.listen(0, '127.0.0.1'), 'listening')

serveRequests(async () => {
  await listening
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
