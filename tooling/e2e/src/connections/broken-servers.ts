import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'

/** A server that breaks connections. */
export interface BrokenServer {
  endpoint: string
  /** The number of connections that carried the start of a request. */
  requests(): number
}

/** The certificate authority of the servers, and the key and certificate of `localhost`. */
export interface Certificate {
  key: string
  cert: string
}

/** Creates a self-signed certificate. */
export async function certify(options: object = {}, value = 'localhost'): Promise<Certificate> {
  const extensions = [{ name: 'subjectAltName', altNames: [{ type: 2, value }] }]
  const all = { keyType: 'ec', extensions, ...options } as Parameters<typeof generate>[1]
  const { private: key, cert } = await generate([{ name: 'commonName', value }], all)
  return { key, cert }
}

type Handler = (socket: Socket, requested: () => void) => void

/** The servers of a test file, on this machine. */
export class BrokenServers {
  readonly #certificate: Certificate
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  constructor(certificate: Certificate) {
    this.#certificate = certificate
  }

  async listen(server: Server): Promise<number> {
    this.#servers.push(server)
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) server.close()
  }

  /** Starts a server that handles each TCP connection. */
  async tcp(scheme: 'http' | 'https', handle: Handler): Promise<BrokenServer> {
    let requests = 0
    const server = createServer((socket) => handle(socket, () => requests++))
    return { endpoint: `${scheme}://localhost:${await this.listen(server)}`, requests: () => requests }
  }

  /** Starts a server that completes the TLS handshake, with these options, and closes each connection. */
  async tls(options: Parameters<typeof createTlsServer>[0]): Promise<BrokenServer> {
    let requests = 0
    const server = createTlsServer({ ...this.#certificate, ...options }, (socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        requests++
        socket.destroy()
      })
    })
    server.on('tlsClientError', () => undefined)
    return { endpoint: `https://localhost:${await this.listen(server)}`, requests: () => requests }
  }

  /** Starts a server that completes the TLS handshake, receives a request and then breaks the TCP connection below. */
  async tlsThen(break_: (socket: Socket) => void): Promise<BrokenServer> {
    return this.tcp('https', (socket, requested) => {
      const below = new Duplex({ read() {}, write: (bytes, _encoding, done) => socket.write(bytes, done) })
      socket.on('data', (bytes) => below.push(bytes))
      const secure = new TLSSocket(below, { isServer: true, ...this.#certificate })
      secure.on('error', () => undefined)
      secure.once('data', () => {
        requested()
        break_(socket)
      })
    })
  }

  /** Starts a proxy whose response to each CONNECT request is `answer`. */
  async proxy(answer: (client: Duplex, target: string) => void): Promise<string> {
    const server = createHttpServer((_request, response) => response.writeHead(405).end())
    server.on('connect', (request, client) => answer(client, request.url ?? ''))
    return `http://127.0.0.1:${await this.listen(server)}`
  }
}

/** A TLS alert in plain text: the fatal alert `handshake_failure` (RFC 8446 section 6). */
export const handshakeFailure: Buffer = Buffer.from([21, 3, 3, 0, 2, 2, 40])
