import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

export interface RecordingProxy {
  /** The base URL of the proxy. */
  readonly api_endpoint: string
  /** Each forwarded request, byte for byte. */
  readonly requests: string[]
  close(): void
}

/** Starts a proxy for a local port that records the bytes of the requests. */
export async function startRecordingProxy(port: number): Promise<RecordingProxy> {
  const requests: string[] = []
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      // A request may span several packets. Only the first packet starts with a method.
      if (/^[A-Z]+ \//.test(text)) requests.push(text)
      else requests.push((requests.pop() ?? '') + text)
    })
    client.pipe(upstream).pipe(client)
    const destroy = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('error', destroy).on('close', destroy)
    upstream.on('error', destroy).on('close', destroy)
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
