import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

export interface RecordingProxy {
  /** The base URL that leads through the proxy. */
  readonly api_endpoint: string
  /** Each request that went through, byte for byte as it was sent. */
  readonly requests: string[]
  close(): void
}

/** Hands bytes to a port of this machine and back, and keeps those that are sent. */
export async function startRecordingProxy(port: number): Promise<RecordingProxy> {
  const requests: string[] = []
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      // A request of these tests fits into a few packets, of which the first one begins with its method.
      if (/^[A-Z]+ \//.test(text)) requests.push(text)
      else requests.push((requests.pop() ?? '') + text)
    })
    client.pipe(upstream).pipe(client)
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('error', end).on('close', end)
    upstream.on('error', end).on('close', end)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: ownPort } = server.address() as AddressInfo
  return {
    api_endpoint: `http://127.0.0.1:${ownPort}`,
    requests,
    close: () => server.close(),
  }
}
