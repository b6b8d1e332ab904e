import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { startDomain } from '../started-sign-in.test-helper.ts'
import { listenOnLoopback, portError } from './listen-on-loopback.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Takes a port of an address, as another program. Returns the port. */
async function take(address: string, port = 0): Promise<number> {
  const server = createServer().listen(port, address)
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Returns a port that is free on both addresses. */
async function findFreePort(): Promise<number> {
  const { port, close } = await listenOnLoopback('localhost', [0], () => undefined)
  await close()
  return port
}

/** Returns which addresses a server listens on. */
async function reachable(port: number): Promise<string[]> {
  const external = Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => (found && !found.internal && found.family === 'IPv4' ? [found.address] : []))
  const addresses = ['127.0.0.1', '::1', '127.0.0.2', ...external]
  const results = await Promise.all(
    addresses.map((address) =>
      take(address, port).then(
        () => false,
        ({ code }) => code === 'EADDRINUSE',
      ),
    ),
  )
  return addresses.filter((_, index) => results[index])
}

const listen = (host: Parameters<typeof listenOnLoopback>[0], ...ports: number[]) =>
  listenOnLoopback(host, ports, (_request, response) => response.end('here'))

describe('listenOnLoopback', () => {
  it.each(['127.0.0.1', '[::1]', 'localhost'] as const)(
    'listens for %s on loopback addresses only',
    async (host) => {
      const { port, close } = await listen(host, 0)
      expect(await reachable(port)).toEqual(['127.0.0.1', '::1'])
      await close()
    },
  )

  it.each([
    ['127.0.0.1', '::1'],
    ['[::1]', '127.0.0.1'],
  ] as const)('listens for %s if the other address is taken', async (host, other) => {
    const taken = await take(other, await findFreePort())
    const { port, close } = await listen(host, taken)
    expect(port).toBe(taken)
    const response = await fetch(`http://${host}:${port}`)
    expect(await response.text()).toBe('here')
    await close()
  })

  it.each(['127.0.0.1', '::1'])('rejects localhost if %s is taken', async (address) => {
    const taken = await take(address, await findFreePort())
    await expect(listen('localhost', taken)).rejects.toMatchObject({ code: 'PortInUse' })
    // It has also left the other address.
    await take(address === '::1' ? '127.0.0.1' : '::1', taken)
  })

  it('tries the ports in order', async () => {
    const [taken, free] = [await take('127.0.0.1'), await findFreePort()]
    const { port, close } = await listen('127.0.0.1', taken, free, 0)
    expect(port).toBe(free)
    await close()
  })

  it('names the ports if all are taken', async () => {
    const [one, two] = [await take('127.0.0.1'), await take('127.0.0.1')]
    const failed = listen('127.0.0.1', one, two)
    await expect(failed).rejects.toMatchObject({
      code: 'PortInUse',
      outcome: 'not-sent',
      cause: { message: expect.stringContaining('EADDRINUSE') },
    })
    await expect(failed).rejects.toThrow(
      `signInWithBrowser: cannot listen on 127.0.0.1 with port ${one} (EADDRINUSE), port ${two} (EADDRINUSE): end the`,
    )
  })

  it('keeps a port for one process', async () => {
    const { port, close } = await listen('127.0.0.1', 0)
    await expect(listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'PortInUse' })
    await close()
    const again = await listen('127.0.0.1', port)
    await again.close()
  })
})

/* Tests often run as root, with every port allowed, and on machines with both addresses. */
describe('portError', () => {
  it.each([
    ['EACCES', 80, 'InvalidParameter', 'with port 80 (EACCES): the system does not allow this port'],
    ['EADDRNOTAVAIL', 0, 'UnsupportedEnvironment', 'with a free port (EADDRNOTAVAIL): this machine lacks'],
  ])('explains %s', (system, port, code, message) => {
    const failure = Object.assign(new Error(`listen ${system}`), { code: system })
    const error = portError('[::1]', new Map([[port, failure]]))
    expect(error).toMatchObject({ code, cause: { message: `listen ${system}` } })
    expect(error.message).toContain(`cannot listen on [::1] ${message}`)
  })
})

it('a sign-in uses a registered port of localhost', async () => {
  const taken = await take('::1', await findFreePort())
  const port = await findFreePort()
  const domain = await startDomain(taken, port)
  const options = { ports: [taken, port] }
  const { approve, token, url } = await domain.start(options, { redirect_uri: 'http://localhost/callback' })
  expect(url.searchParams.get('redirect_uri')).toBe(`http://localhost:${port}/callback`)
  await approve()
  expect(await token).toMatchObject({ user_name: 'Ann' })
  await domain.close()
})

it('a sign-in uses the port of its redirect URI', async () => {
  const domain = await startDomain()
  const port = await findFreePort()
  const redirect_uri = `http://127.0.0.1:${port}/callback`
  const { approve, token, url } = await domain.start({}, { redirect_uri })
  expect(url.searchParams.get('redirect_uri')).toBe(redirect_uri)
  await expect(domain.start({}, { redirect_uri })).rejects.toMatchObject({ code: 'PortInUse' })
  await approve()
  expect(await token).toMatchObject({ user_name: 'Ann' })
  await domain.close()
})
