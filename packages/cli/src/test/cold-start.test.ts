import { beforeEach, expect, it } from 'vitest'
import { Home, startDomain } from './pds-process.test-helper.ts'

/* A token in the store needs few modules: their loading is most of the time of `pds token`. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

/** Writes the URLs of all modules that the process loads, and the built-in modules, to stderr when it ends. */
const observer = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  import { writeSync } from 'node:fs'
  const loaded = []
  registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
  process.on('exit', () => {
    const builtins = process.moduleLoadList.map((each) => each.replace('NativeModule ', 'node:'))
    writeSync(2, JSON.stringify([...loaded, ...builtins]))
  })`)}`

async function modulesOf(args: string): Promise<string[]> {
  const { code, stderr } = await home.run(args, { imports: [observer] })
  expect(code).toBe(0)
  return JSON.parse(stderr)
}

const packagesOf = (modules: string[]) =>
  new Set(
    modules.flatMap(
      (url) =>
        /\/(?:node_modules|packages)\/((?:@[\w-]+\/)?[\w-]+)\/(?:dist|[\w./-]+\.js)/.exec(url)?.[1] ?? [],
    ),
  )

it('loads no parser, no transport and no fetch for a valid token', async () => {
  await home.signIn()
  const modules = await modulesOf('token')
  const own = ['cli', 'core', 'session', 'session-keychain', 'session-sqlite']
  expect(packagesOf(modules)).toEqual(new Set(own))
  expect(modules.filter((url) => /undici|node:http|node:tls/.test(url))).toEqual([])
})
