import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repository } from './repository.ts'

/*
 * Each block of TypeScript in the READMEs is type-checked and run, in a process of its own, against the emulator:
 * see document-environment.mjs for what it finds around it. Each relative link leads somewhere.
 */

const run = promisify(execFile)
const folder = path.join(repository, 'tooling', 'e2e', '.documents')
const packages = readdirSync(path.join(repository, 'packages'))
const documents = ['README.md', 'CONTRIBUTING.md', ...packages.map((name) => `packages/${name}/README.md`)]
const read = (document: string) => readFileSync(path.join(repository, document), 'utf8')

const blocks = documents.flatMap((document) =>
  [...read(document).matchAll(/^```ts\n(.*?)^```$/gms)].map((match, index) => ({
    name: `${document.replaceAll(/\W+/g, '-')}-${index + 1}`,
    code: match[1] ?? '',
  })),
)

let emulator: RunningEmulator

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(path.join(folder, 'src'), { recursive: true })
  for (const { name, code } of blocks) writeFileSync(path.join(folder, 'src', `${name}.ts`), code)
  const settings = {
    extends: '../../tsconfig/check.json',
    compilerOptions: { noEmit: false, outDir: 'dist', rootDir: 'src', noUnusedLocals: false },
    include: ['src'],
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings))
  cpSync(path.join(import.meta.dirname, 'document-environment.mjs'), path.join(folder, 'environment.mjs'))
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

it('the blocks compile', async () => {
  const tsc = path.join(repository, 'node_modules', '.bin', 'tsc')
  const { stdout } = await run(tsc, ['-p', folder]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

it.each(blocks)('$name runs', async ({ name }) => {
  const page = { client_id: 'browser-app', redirect_uri: 'http://localhost:5173/callback' }
  const environment = {
    EMULATOR: emulator.api_endpoint,
    PAGE: `${page.redirect_uri}?state=s&code=${emulator.createCode(page)}`,
    AUTHORIZATION_CODE: emulator.createCode({ client_id: 'webserver-app' }),
    PDS_DOMAIN_ID: 'bj1',
    PDS_CLIENT_ID: 'jwt-app',
    PDS_CLIENT_SECRET: 'webserver-app-secret',
    PDS_PRIVATE_KEY: emulator.app('jwt').private_key_pem?.replaceAll('\n', '\\n'),
  }
  const preload = pathToFileURL(path.join(folder, 'environment.mjs')).href
  // Node.js 22 warns of its SQLite.
  const flags = ['--disable-warning=ExperimentalWarning', '--import', preload]
  const args = [...flags, path.join(folder, 'dist', `${name}.js`)]
  const { stdout, stderr } = await run(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
  })
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
})

/** The anchors that a document's headings have. */
function anchors(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)]
  return headings.map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

const linked = documents
  .map((document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
    return { document, links: links.filter((link) => !/^[a-z]+:/.test(link)) }
  })
  .filter(({ links }) => links.length > 0)

it.each(linked)('$document has no dead link', ({ document, links }) => {
  for (const link of links) {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? document : path.join(path.dirname(document), file)
    const isFolder = statSync(path.join(repository, target)).isDirectory()
    const text = read(isFolder ? path.join(target, 'README.md') : target)
    if (anchor !== undefined) expect(anchors(text), link).toContain(anchor)
  }
})
