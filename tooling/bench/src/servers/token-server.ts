import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * Answers each POST with the same token, in a process of its own: as little as a server can do, so that it is the clients
 * whose work is measured. It tells its port, and ends with its parent.
 */

const token = {
  access_token: 'a'.repeat(512),
  refresh_token: 'r'.repeat(32),
  expires_in: 7200,
  expire_time: '2099-01-01T00:00:00Z',
  token_type: 'Bearer',
  domain_id: 'bj1',
  user_id: 'user-1',
  user_name: 'user-1',
  role: 'user',
  status: 'enabled',
}
const body = JSON.stringify(token)
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body))
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
