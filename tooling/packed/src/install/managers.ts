import { execFile } from 'node:child_process'
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { lockedVersions, repository, tools } from '../packages/repository.ts'
import { readInstalledTree, type TreeEntry } from './tree.ts'

const run = promisify(execFile)
/** A program of a package in `node_modules`, run by this Node.js: the one in `.bin` is another version. */
const program = (file: string) => [process.execPath, path.join(tools, file)] as const
const npm = program('npm/bin/npm-cli.js')
const yarnBerry = program('@yarnpkg/cli-dist/bin/yarn.js')

export interface Manager {
  /** The settings with which users of the registry name it for the scope, as files of their project. */
  settings(registries: Registries): Record<string, string>
  /** A command that adds a package, with all that it keeps in the folder. */
  add(name: string): readonly string[]
  /** A command that runs a module. Default: node. */
  node?: readonly string[]
  env?: Record<string, string>
  /** The packages that a project has after that, by what is on the disk. */
  tree(folder: string): TreeEntry[]
}

export interface Registries {
  /** Of the scope `@pds`. */
  readonly local: string
  /** Of everything else: that of the machine. */
  readonly ordinary: string
}

const locked = lockedVersions()
const npmrc = ({ local, ordinary }: Registries) => `registry=${ordinary}\n@pds:registry=${local}\n`

/** The package managers, each with an empty cache of its own in the project's folder. */
export const managers: Readonly<Record<string, Manager>> = {
  npm: {
    settings: (registries) => ({ '.npmrc': npmrc(registries) }),
    add: (name) => [
      ...npm,
      'install',
      name,
      '--cache=.cache',
      '--no-audit',
      '--no-fund',
      // Published a moment ago: whoever runs the tests may have set that npm waits for days.
      '--min-release-age=0',
    ],
    tree: readInstalledTree,
  },
  pnpm: {
    settings: (registries) => ({
      '.npmrc': npmrc(registries),
      'pnpm-workspace.yaml': [
        // Published a moment ago, which pnpm would wait a day for.
        'minimumReleaseAgeExclude: ["@pds/*"]',
        'storeDir: .store',
        'cacheDir: .cache',
        `overrides: ${JSON.stringify(locked)}`,
      ].join('\n'),
    }),
    add: (name) => [path.join(repository, 'node_modules/.bin/pnpm'), 'add', name],
    tree: readInstalledTree,
  },
  'yarn 1': {
    settings: (registries) => ({ '.npmrc': npmrc(registries) }),
    add: (name) => [
      ...program('yarn/bin/yarn.js'),
      'add',
      name,
      '--cache-folder=.cache',
      '--non-interactive',
    ],
    tree: readInstalledTree,
  },
  // As it comes: with Plug'n'Play, which keeps archives in place of a node_modules.
  'yarn 4': {
    settings: ({ local, ordinary }) => ({
      'yarn.lock': '',
      '.yarnrc.yml': [
        `npmRegistryServer: ${JSON.stringify(ordinary)}`,
        `npmScopes: { pds: { npmRegistryServer: ${JSON.stringify(local)} } }`,
        'npmPreapprovedPackages: ["@pds/*"]',
        `unsafeHttpWhitelist: [127.0.0.1, ${JSON.stringify(new URL(ordinary).hostname)}]`,
        'enableGlobalCache: false',
        // It keeps what registries said of packages there, and takes those of one address for one, whatever their port.
        'globalFolder: .yarn/global',
        'enableTelemetry: false',
        'enableImmutableInstalls: false',
      ].join('\n'),
    }),
    add: (name) => [...yarnBerry, 'add', name],
    node: [...yarnBerry, 'node'],
    tree: (folder) =>
      globSync('.yarn/cache/*.zip', { cwd: folder }).map((file) => {
        const [, slug = file, version = ''] =
          /^(.+)-npm-(.+)-[0-9a-f]+-[0-9a-f]+\.zip$/.exec(path.basename(file)) ?? []
        return { name: slug.replace(/^(@[^-]+)-/, '$1/'), version }
      }),
  },
  bun: {
    settings: (registries) => ({ '.npmrc': npmrc(registries) }),
    add: (name) => [path.join(tools, '.bin/bun'), 'add', name],
    env: { BUN_INSTALL_CACHE_DIR: '.cache' },
    tree: readInstalledTree,
  },
}

/** Adds a package to an empty project in `folder`, imports it there, and gives the tree of what is installed. */
export async function install(
  manager: Manager,
  name: string,
  folder: string,
  registries: Registries,
): Promise<TreeEntry[]> {
  mkdirSync(folder, { recursive: true })
  const files = {
    // npm and bun read overrides, and yarn resolutions; pnpm has them in its settings.
    'package.json': JSON.stringify({
      name: 'project',
      private: true,
      type: 'module',
      overrides: locked,
      resolutions: locked,
    }),
    'main.js': `import * as all from '${name}'\nconsole.log(Object.keys(all).length)\n`,
    ...manager.settings(registries),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text)
  // The proxy of the machine, where it has one, is for the ordinary registry alone.
  const direct = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1'].filter(Boolean).join()
  const env = { ...process.env, NO_PROXY: direct, no_proxy: direct, ...manager.env }
  const options = { cwd: folder, env }
  const [file = '', ...args] = manager.add(name)
  await run(file, args, options).catch((error) => {
    // Yarn says there what is wrong.
    throw new Error(`${error.message}${error.stdout}`, { cause: error })
  })
  const [node = process.execPath, ...nodeArgs] = manager.node ?? []
  const { stdout } = await run(node, [...nodeArgs, 'main.js'], options)
  // Only the types have no code.
  if (name !== '@pds/types' && !(Number(stdout) > 0)) throw new Error(`${name} exports nothing: ${stdout}`)
  return manager.tree(folder)
}

/** The registry that npm of this machine asks for packages of no scope. */
export async function ordinaryRegistry(folder: string): Promise<string> {
  const [node, ...args] = npm
  const { stdout } = await run(node, [...args, 'config', 'get', 'registry'], { cwd: folder })
  return stdout.trim()
}
