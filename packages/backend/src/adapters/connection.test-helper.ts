import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection to a server, for requests that `fetch` does not send. */
export class Connection {
  readonly #socket: Socket
  #received = ''

  private constructor(socket: Socket) {
    this.#socket = socket.setEncoding('latin1').on('data', (text) => {
      this.#received += text
    })
    // The server may close the connection while it receives a long body.
    socket.on('error', () => undefined)
  }

  /** Connects to the server of a URL. */
  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Sends lines of a request, and a part of its body. */
  send(lines: readonly string[], body = ''): void {
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  }

  /** Sends more of a body. */
  sendBody(body: string): void {
    this.#socket.write(body)
  }

  /** Returns the status of the next response after its end, or `closed` if the server closes the connection before. */
  async receive(): Promise<number | 'closed'> {
    for (;;) {
      const response = /^HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n/.exec(this.#received)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(response?.[0] ?? '')?.[1] ?? 0)
      const end = (response?.[0].length ?? 0) + length
      if (response && this.#received.length >= end) {
        this.#received = this.#received.slice(end)
        return Number(response[1])
      }
      if (this.#socket.destroyed) return 'closed'
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
  }

  /** Closes the connection in the middle of a request, as a client does that goes away. */
  destroy(): void {
    this.#socket.destroy()
  }
}
