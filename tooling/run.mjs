// Installs what the repository needs, then runs one of its package scripts: node tooling/run.mjs <script> [args].
// Plain JavaScript without imports of ours, because it runs before anything is installed, on Node 18 or newer.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const oldestSupportedNode = 22
const ownNode = 'node@24.21.0'

// What the scripts need of the workspace, for what is installed: all the runtimes and compilers of the tests on packed
// packages are 1.5 GB.
const needed = {
  demo: ['pds-token-sdk', 'demo...'],
  'demo:web': ['pds-token-sdk', 'demo...'],
  'bench:run': ['pds-token-sdk', 'bench...'],
  check: ['!packed'],
}

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const [script, ...args] = process.argv.slice(2)

// pnpm reads the registry of npm's files, and not of its environment.
const { npm_config_registry, NPM_CONFIG_REGISTRY = npm_config_registry } = process.env
const registry = NPM_CONFIG_REGISTRY ? { PNPM_CONFIG_REGISTRY: NPM_CONFIG_REGISTRY } : {}

/** Runs a command to its end, hands signals on to it, and ends this process as it ended if it failed. */
function run(command, commandArgs, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      env: { ...registry, ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...env },
      // npm's commands are .cmd files on Windows, which only a shell can start.
      shell: process.platform === 'win32',
      stdio: 'inherit',
    })
    const forward = (signal) => child.kill(signal)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      if (code === 0) resolve()
      else process.exit(code ?? 128 + constants.signals[signal])
    })
  })
}

if (Number.parseInt(process.versions.node, 10) < oldestSupportedNode) {
  if (process.env.PDS_OWN_NODE)
    throw new Error(`npx started Node.js ${process.version} instead of ${ownNode}`)
  // The tools need a newer Node.js than this one: npm has it as a package.
  const launcher = [fileURLToPath(import.meta.url), script, ...args]
  await run('npx', ['--yes', '--package', ownNode, 'node', ...launcher], {
    PDS_OWN_NODE: '1',
  })
} else {
  const local = path.join(root, 'node_modules', '.bin', 'pnpm')
  // --package in full: a bare npx would take over the packages of an npx that it runs under.
  const pnpm = existsSync(local) ? [local] : ['npx', '--yes', '--package', packageManager, 'pnpm']
  const filters = (needed[script] ?? []).map((name) => `--filter=${name}`)
  await run(pnpm[0], [...pnpm.slice(1), ...filters, 'install', '--frozen-lockfile', '--reporter=append-only'])
  await run(pnpm[0], [...pnpm.slice(1), '--silent', 'run', script, ...args])
}
