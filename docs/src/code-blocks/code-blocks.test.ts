import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { parse, parseFragment } from 'parse5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type CodeBlock, codeBlocks, sourceOfBlock } from '../documents/code-blocks.ts'
import { documents, readDocument, repository } from '../documents/documents.ts'
import { englishOf, isChinese } from '../translation/pairs.ts'
import { commandProblems } from './command-problems.ts'

/*
 * Tests each block of code in the documents. A block that names a file is equal to that file, which other tests cover.
 * Other blocks of TypeScript and JavaScript are type-checked and run in a separate process against the emulator:
 * document-environment.mjs sets up that process.
 */

const run = promisify(execFile)
const folder = path.join(repository, 'docs', '.documents')
const blocks = documents.flatMap((document) => codeBlocks(document, readDocument(document)))
const at = ({ document, line }: CodeBlock) => `${document}:${line}`

/** Languages of components. Only copies of the examples, which other tests compile and run. */
const components = ['tsx', 'vue', 'svelte']

// Languages that no check covers, by document.
const unchecked: Record<string, string> = {
  'docs/guides/terminal.md python': 'a program that a test of @pds/cli runs',
  'packages/session-redis/README.md txt': 'a Redis command that the ACL tests of the package run',
}

/** The blocks to run, each text once. A translation has the same code, which its own test shows. */
const programs = blocks
  .filter(({ document }) => !isChinese(document))
  .filter(({ language, source }) => ['ts', 'js'].includes(language) && source === undefined)
  .filter(({ code }, index, all) => all.findIndex((other) => other.code === code) === index)
  .map((block) => {
    const name = at(block).replaceAll(/\W+/g, '-')
    const isCommonJs = /\brequire\(/.test(block.code)
    const source = `${name}.${isCommonJs ? 'cjs' : block.language}`
    return { at: at(block), name, code: block.code, source, built: `${name}.${isCommonJs ? 'cjs' : 'js'}` }
  })

let emulator: RunningEmulator

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(path.join(folder, 'src'), { recursive: true })
  for (const { source, code } of programs) writeFileSync(path.join(folder, 'src', source), code)
  const settings = {
    extends: '../../tooling/shared/tsconfig/check.json',
    compilerOptions: {
      noEmit: false,
      outDir: 'dist',
      rootDir: 'src',
      noUnusedLocals: false,
      allowJs: true,
      checkJs: true,
      // Code for the vendor's SDK must compile against this SDK.
      paths: { 'aliyun-pds-js-sdk': [path.join(repository, 'packages/client/dist/index.d.ts')] },
    },
    include: ['src'],
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings))
  cpSync(path.join(import.meta.dirname, 'document-environment.mjs'), path.join(folder, 'environment.mjs'))
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

it('all blocks compile', async () => {
  const tsc = path.join(repository, 'node_modules', '.bin', 'tsc')
  const { stdout } = await run(tsc, ['-p', folder]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

describe('a block', () => {
  it.each(programs)('$at runs without output', async ({ name, code, built }) => {
    const page = { client_id: 'browser-app', redirect_uri: 'http://localhost:5173/callback' }
    const { private_key_pem: privateKey } = emulator.app('jwt')
    const { client_id } = code.includes('oauthApp') ? emulator.app('webserver') : emulator.app('jwt')
    const environment = {
      EMULATOR: emulator.api_endpoint,
      PAGE: `${page.redirect_uri}?state=s&code=${emulator.createCode(page)}`,
      AUTHORIZATION_CODE: emulator.createCode({ client_id: 'webserver-app' }),
      PDS_DOMAIN_ID: 'bj1',
      PDS_CLIENT_ID: client_id,
      COOKIE_SECRET: 'a secret with at least 32 characters',
      PDS_CLIENT_SECRET: 'webserver-app-secret',
      PDS_REDIRECT_URI: 'http://127.0.0.1:3000/callback',
      UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
      UPSTASH_REDIS_REST_TOKEN: 'token',
      // No block uses the keychain of this machine: the binary of @napi-rs/keyring is missing.
      NAPI_RS_NATIVE_LIBRARY_PATH: path.join(folder, 'missing'),
      PDS_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
    }
    const preload = pathToFileURL(path.join(folder, 'environment.mjs')).href
    // Node.js 22 warns that its SQLite is experimental. Without a keychain, keychainKey warns that the key is in a file.
    const warnings = ['ExperimentalWarning', 'PDS_KEY_IN_FILE'].map((name) => `--disable-warning=${name}`)
    const flags = [...warnings, '--import', preload]
    const args = [...flags, path.join(folder, 'dist', built)]
    // A block may read the key and write files.
    const cwd = path.join(folder, 'run', name)
    mkdirSync(cwd, { recursive: true })
    writeFileSync(path.join(cwd, 'private-key.pem'), privateKey)
    const { stdout, stderr } = await run(process.execPath, args, {
      cwd,
      env: { ...process.env, ...environment },
    })
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
  })
})

const checks: Record<string, (code: string) => unknown> = {
  ts: () => [],
  js: () => [],
  tsx: () => [],
  vue: () => [],
  svelte: () => [],
  text: () => [],
  sh: commandProblems,
  json: (code) => problemOf(() => JSON.parse(code)),
  yaml: (code) => problemOf(() => parseYaml(code)) ?? runs(parseYaml(code)).flatMap(commandProblems),
  html: htmlProblems,
}

function problemOf(parse: () => unknown): string[] | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    return [String(error)]
  }
}

/** Returns the commands of a GitHub workflow. */
function runs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'run' && typeof part === 'string' ? [part] : runs(part),
  )
}

function htmlProblems(code: string): string[] {
  const problems: string[] = []
  const isDocument = /^<!doctype/i.test(code)
  const read = isDocument ? parse : parseFragment
  read(code, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine }) => void problems.push(`line ${startLine}: ${code}`),
  })
  return problems
}

const withBlocks = documents.filter((document) => blocks.some((block) => block.document === document))

it.each(withBlocks)('each block of %s has a known language and is well-formed', (document) => {
  for (const block of blocks.filter((block) => block.document === document)) {
    if (unchecked[`${englishOf(document)} ${block.language}`]) continue
    expect(Object.keys(checks), at(block)).toContain(block.language)
    if (components.includes(block.language)) expect(block.source, at(block)).toBeDefined()
    expect(checks[block.language]?.(block.code) ?? [], at(block)).toEqual([])
  }
})

it('each unchecked language is in use', () => {
  const used = blocks.map(({ document, language }) => `${document} ${language}`)
  expect(used).toEqual(expect.arrayContaining(Object.keys(unchecked)))
})

const copies = blocks
  .filter(({ source }) => source !== undefined)
  .map((block) => ({ ...block, at: at(block) }))

it.each(copies)('$at is a copy of $source', ({ code, source = '', language }) => {
  expect(source).toMatch(/^docs\/(examples|src)\//)
  expect(path.extname(source.replace(/#.*/, ''))).toBe(`.${language}`)
  // To update the copies: node docs/src/code-blocks/copy-sources.ts
  expect(code).toBe(sourceOfBlock(source))
})
