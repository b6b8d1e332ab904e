import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../documents/documents.ts'

interface Manifest {
  name: string
  private?: boolean
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const files = ['package.json', 'docs/package.json', '{packages,tooling}/*/package.json']
// Tests install its packages into a folder of their own.
const runners = 'tooling/packed/src/realms/consumer/package.json'
const manifests = globSync([...files, runners], { cwd: repository }).map(
  (file): Manifest => JSON.parse(readFileSync(path.join(repository, file), 'utf8')),
)
const ours = manifests.filter((manifest) => !manifest.private).map(({ name }) => name)
// Dependencies of this workspace are known to exist.
const others = manifests.flatMap(({ dependencies, devDependencies }) =>
  Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@pds/')),
)
const installable = new Set([...ours, ...others])
const root = manifests.find(({ name }) => name === 'pds-token-sdk')
const projects = new Set([...manifests.map(({ name }) => name.replace('@pds/', '')), 'pages', 'processes'])

let help: string | undefined
/** Returns the help text of the emulator's command. */
function emulatorHelp(): string {
  const bin = path.join(repository, 'packages', 'emulator', 'dist', 'bin.js')
  help ??= execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' })
  return help
}

const pdsHelps = new Map<string, string>()
/** Returns the help text of a command of `pds`. */
function pdsHelp(command: string): string {
  const bin = path.join(repository, 'packages', 'cli', 'dist', 'bin.js')
  const options = { encoding: 'utf8', env: { ...process.env, PDS_LANG: 'en' } } as const
  const help = pdsHelps.get(command) ?? execFileSync(process.execPath, [bin, command, '--help'], options)
  pdsHelps.set(command, help)
  return help
}

// The system provides these programs, or the text says how to install them.
const tools = new Set(['apt-get', 'cd', 'echo', 'kill', 'openssl', 'redis-server'])

/** Returns the problems of the commands in a shell block that show without running them. */
export function commandProblems(script: string): string[] {
  const commands = script
    .replaceAll('\\\n', ' ')
    // eval "$(command)" runs the output of the command.
    .replaceAll(/eval "\$\(([^)]*)\)"/g, '$1')
    .replaceAll(/(^|\s)#.*$/gm, '')
    // A loop runs the commands in it.
    .replaceAll(/\bfor \w+ in [^;\n]*; do\b|; done\b|^\s*done\b/gm, '')
    .split(/&&|\|\||[\n;|&]/)
    .map(wordsOf)
    .filter((words) => words.length > 0)
  return commands.flatMap((words) => commandProblem(words).map((problem) => `${words.join(' ')}: ${problem}`))
}

function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word)
  const first = words.findIndex((word) => word !== 'export' && !/^\w+=/.test(word))
  return first === -1 ? [] : words.slice(first)
}

function commandProblem([command = '', ...args]: string[]): string[] {
  if (tools.has(command)) return []
  if (command === 'npm' || command === 'pnpm') return packageManagerProblem(args)
  if (command === 'npx') return npxProblem(args)
  if (command === 'node') return nodeProblem(args)
  if (command === 'curl') return curlProblem(args)
  if (command === 'pds') return pdsProblem(args)
  return ['there is no check for this command']
}

function packageManagerProblem([verb = '', ...args]: string[]): string[] {
  const names = args.filter((arg) => !arg.startsWith('-'))
  if (['ci', 'login', 'pkg', 'publish', 'trust'].includes(verb)) return []
  if (['install', 'i', 'add'].includes(verb)) {
    // The tarballs that `npm run pack` writes have their own test.
    const unknown = names.filter((name) => !installable.has(name) && !name.endsWith('/tarballs/*.tgz'))
    return unknown.map((name) => `there is no package ${name} here`)
  }
  const script = verb === 'run' ? names[0] : verb
  const problems = root?.scripts?.[script ?? ''] ? [] : [`there is no script ${script}`]
  const project = args[args.indexOf('--project') + 1]
  if (args.includes('--project') && !projects.has(project ?? ''))
    problems.push(`there is no project ${project}`)
  return problems
}

function npxProblem([name = '', ...args]: string[]): string[] {
  if (name !== '@pds/emulator' && name !== 'pds-emulator') {
    return installable.has(name.replace(/(?<=.)@[\d.]+$/, '')) ? [] : [`there is no package ${name} here`]
  }
  const flags = new Set(emulatorHelp().match(/--[\w-]+/g))
  const given = args.filter((arg) => arg.startsWith('-')).map((arg) => arg.replace(/=.*/, ''))
  return given.filter((flag) => !flags.has(flag)).map((flag) => `the emulator has no ${flag}`)
}

/** The help of an unknown command throws. */
function pdsProblem([command = '', ...args]: string[]): string[] {
  const flags = new Set(pdsHelp(command).match(/--[\w-]+/g))
  const own = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  const given = own.filter((arg) => arg.startsWith('--'))
  return given.filter((flag) => !flags.has(flag)).map((flag) => `pds ${command} has no ${flag}`)
}

function nodeProblem(args: string[]): string[] {
  const file = args.find((arg) => !arg.startsWith('-'))
  if (args.includes('--test') && file === undefined) return []
  // A reader of a guide runs it in the folder of its example, or in the folder above.
  const folders = ['', 'docs/examples', ...globSync('docs/examples/*', { cwd: repository })]
  const exists = (folder: string) => existsSync(path.join(repository, folder, file ?? ''))
  return file !== undefined && folders.some(exists) ? [] : [`there is no file ${file}`]
}

/** Requires local addresses: no command in the documents sends a request to another machine. */
function curlProblem(args: string[]): string[] {
  const urls = args
    .map((arg) => arg.replaceAll(/^["']|["']$/g, ''))
    // The emulator sets this variable.
    .map((arg) => arg.replace(/^\$PDS_API_ENDPOINT/, 'http://127.0.0.1:7171'))
    .filter((arg) => /^https?:/.test(arg))
  if (urls.length === 0) return ['there is no address']
  const isOurs = (url: string) => ['127.0.0.1', 'localhost'].includes(new URL(url).hostname)
  return urls.filter((url) => !isOurs(url)).map((url) => `${url} is not on this machine`)
}
