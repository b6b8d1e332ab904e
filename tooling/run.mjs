// Installs what a script of package.json needs, then runs the script: node tooling/run.mjs <script> [args].
// Imports only built-in modules, because it runs before the install. It runs on Node.js 18 or newer.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const oldestSupportedNode = 22
const ownNode = '24.21.0'
// A quiet step that takes longer than this, in milliseconds, prints a line that says what it does.
const progressDelay = 2000

// The workspace members that a script needs: an install of all members takes 1.5 GB, mostly runtimes and compilers that
// test the packed packages.
const members = {
  demo: ['pds-token-sdk', 'demo...'],
  web: ['pds-token-sdk', 'demo...'],
  'bench:run': ['pds-token-sdk', 'bench...'],
  check: ['!packed'],
  'docs:run': ['pds-token-sdk', 'docs...'],
  'pack:run': ['pds-token-sdk', './packages/*'],
  'rehearse:run': ['pds-token-sdk', 'packed...'],
}
// The demo's programs. The output of their install and build is shown only if one fails, or with --verbose.
const programs = {
  demo: { command: 'npm start', file: 'tooling/demo/dist/start.js' },
  web: { command: 'npm run web', file: 'tooling/demo/dist/web.js' },
}

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const [script, ...args] = process.argv.slice(2)
const program = programs[script]
const isQuiet = program !== undefined && !parseProgramOptions(program.command).verbose

// pnpm reads the registry from npm's configuration files, but not from npm's environment variables.
const { npm_config_registry, NPM_CONFIG_REGISTRY = npm_config_registry } = process.env
const registry = NPM_CONFIG_REGISTRY ? { PNPM_CONFIG_REGISTRY: NPM_CONFIG_REGISTRY } : {}

/** Parses the options of a demo program before the install, so that a mistake is reported at once. */
function parseProgramOptions(command) {
  try {
    return parseArgs({ args, options: { verbose: { type: 'boolean' } } }).values
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: ${command} [-- --verbose]\n`)
    process.exit(1)
  }
}

/**
 * Runs a command to its end and forwards signals to it. If the command fails, exits with its exit code. With `progress`
 * the command is quiet: its output is returned, or printed if it fails, and `progress` is printed if it takes long.
 */
function run(command, commandArgs, { env = {}, progress } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      env: { ...registry, ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...env },
      // npm's commands are .cmd files on Windows, which only a shell can start.
      shell: process.platform === 'win32' && path.extname(command) !== '.exe',
      // A quiet command has no stdin, because its questions are not shown.
      stdio: progress ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    })
    const output = { stdout: '', all: '' }
    for (const name of ['stdout', 'stderr'])
      child[name]?.setEncoding('utf8').on('data', (text) => {
        if (name === 'stdout') output.stdout += text
        output.all += text
      })
    const timer = progress && setTimeout(() => process.stderr.write(`${progress}\n`), progressDelay)
    const forward = (signal) => child.kill(signal)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      process.off('SIGINT', forward).off('SIGTERM', forward)
      if (code === 0) resolve(output.stdout)
      else process.stderr.write(output.all, () => process.exit(code ?? 128 + constants.signals[signal]))
    })
  })
}

if (Number.parseInt(process.versions.node, 10) < oldestSupportedNode) {
  if (process.env.PDS_OWN_NODE)
    throw new Error(`npx started Node.js ${process.version} instead of ${ownNode}`)
  // The tools need a newer Node.js than the running one. npm has Node.js as a package.
  const npxNode = ['--yes', '--package', `node@${ownNode}`, 'node']
  const node = await run('npx', [...npxNode, '-p', 'process.execPath'], {
    progress: `Starting Node.js ${ownNode} from npm, because this is ${process.version}…`,
  })
  const { dir } = path.parse(node.trim())
  await run(node.trim(), [fileURLToPath(import.meta.url), script, ...args], {
    env: { PDS_OWN_NODE: '1', PATH: `${dir}${path.delimiter}${process.env.PATH}` },
  })
} else {
  const local = path.join(root, 'node_modules', '.bin', 'pnpm')
  // --package, because an npx without it takes the packages of an npx that started it.
  const pnpm = existsSync(local) ? [local] : ['npx', '--yes', '--package', packageManager, 'pnpm']
  const runPnpm = (pnpmArgs, options) => run(pnpm[0], [...pnpm.slice(1), ...pnpmArgs], options)
  const quietly = (progress) => (isQuiet ? { progress } : {})

  const filters = (members[script] ?? []).map((name) => `--filter=${name}`)
  const install = [...filters, 'install', '--frozen-lockfile', '--reporter=append-only']
  await runPnpm(install, quietly('Installing packages (about a minute the first time)…'))
  if (program) {
    const build = ['exec', 'turbo', 'run', 'build', '--filter=demo...', '--output-logs=errors-only']
    await runPnpm(build, quietly('Building the packages…'))
    await run(process.execPath, [program.file, ...args])
  } else {
    await runPnpm(['--silent', 'run', script, ...args])
  }
}
