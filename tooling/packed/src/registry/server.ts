import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { runServer } from 'verdaccio'

/** A registry on this machine that lets everyone read and publish. */
export interface LocalRegistry {
  /** The address of the registry, with a slash at the end. */
  readonly url: string
  /** Returns the number of published packages since the start, which is the number of `PUT` requests. */
  readonly published: () => number
  /** Returns the metadata of a package, or undefined for an unknown package. */
  readonly packument: (name: string) => Promise<Packument | undefined>
  close(): Promise<void>
}

interface Packument {
  readonly versions: Readonly<Record<string, PublishedVersion>>
}

interface PublishedVersion {
  readonly dist: { readonly shasum: string; readonly integrity: string }
}

/** Starts Verdaccio on a free loopback port. Without an uplink, it serves only packages that were published to it. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  mkdirSync(folder, { recursive: true })
  const server: Server = await runServer({
    self_path: path.join(folder, 'config.yaml'),
    storage: path.join(folder, 'storage'),
    uplinks: {},
    packages: { '@pds/*': { access: '$all', publish: '$anonymous' } },
    log: { type: 'stdout', format: 'json', level: 'fatal' },
    web: { enable: false },
  })
  let published = 0
  const [handle] = server.listeners('request')
  server.removeAllListeners('request').on('request', (request, response) => {
    if (request.method === 'PUT') published++
    handle?.call(server, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    published: () => published,
    packument: async (name) => {
      const response = await fetch(`${url}${name.replace('/', '%2f')}`)
      return response.ok ? ((await response.json()) as Packument) : undefined
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
