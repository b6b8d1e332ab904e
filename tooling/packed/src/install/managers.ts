import { execFile } from 'node:child_process'
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { lockedVersions, repository, tools } from '../packages/repository.ts'
import { readInstalledTree, type TreeEntry } from './tree.ts'

const run = promisify(execFile)
/** Returns the command for a program in `node_modules`, run by this Node.js: `.bin/node` is another version. */
const program = (file: string) => [process.execPath, path.join(tools, file)] as const
const npm = program('npm/bin/npm-cli.js')
const yarnBerry = program('@yarnpkg/cli-dist/bin/yarn.js')

export interface Manager {
  /** The configuration files that name the registry of the scope, by file name. */
  settings(registries: Registries): Record<string, string>
  /** Returns the command that adds a package and writes only into the folder. */
  add(name: string): readonly string[]
  /** The command that runs a module. Default: node. */
  node?: readonly string[]
  env?: Record<string, string>
  /** Returns the packages of the project that are on the disk. */
  tree(folder: string): TreeEntry[]
}

export interface Registries {
  /** The registry of the scope `@pds`. */
  readonly local: string
  /** The registry of all other packages: the default of this machine. */
  readonly ordinary: string
}

const locked = lockedVersions()
const npmrc = ({ local, ordinary }: Registries) => `registry=${ordinary}\n@pds:registry=${local}\n`

/** The package managers, each with an empty cache in the project's folder. */
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
      // The packages are new, and the configuration of this machine may exclude new versions for days.
      '--min-release-age=0',
    ],
    tree: readInstalledTree,
  },
  pnpm: {
    settings: (registries) => ({
      '.npmrc': npmrc(registries),
      'pnpm-workspace.yaml': [
        // The packages are new, and pnpm excludes new versions for a day.
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
  // In its default mode, Plug'n'Play, which keeps archives instead of a node_modules folder.
  'yarn 4': {
    settings: ({ local, ordinary }) => ({
      'yarn.lock': '',
      '.yarnrc.yml': [
        `npmRegistryServer: ${JSON.stringify(ordinary)}`,
        `npmScopes: { pds: { npmRegistryServer: ${JSON.stringify(local)} } }`,
        'npmPreapprovedPackages: ["@pds/*"]',
        `unsafeHttpWhitelist: [127.0.0.1, ${JSON.stringify(new URL(ordinary).hostname)}]`,
        'enableGlobalCache: false',
        // Yarn caches responses of registries in this folder, by address without port: all local registries share them.
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

/** Adds a package to an empty project in `folder` and imports it there. Returns the installed packages. */
export async function install(
  manager: Manager,
  name: string,
  folder: string,
  registries: Registries,
): Promise<TreeEntry[]> {
  mkdirSync(folder, { recursive: true })
  const files = {
    // npm and bun read `overrides`, yarn reads `resolutions`, and pnpm reads its configuration file.
    'package.json': JSON.stringify({
      name: 'project',
      private: true,
      type: 'module',
      overrides: locked,
      resolutions: locked,
    }),
    'main.js': sourceOf(name),
    ...manager.settings(registries),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text)
  // Only the ordinary registry may be behind a proxy of this machine.
  const direct = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1'].filter(Boolean).join()
  const env = { ...process.env, NO_PROXY: direct, no_proxy: direct, ...manager.env }
  const options = { cwd: folder, env }
  const [file = '', ...args] = manager.add(name)
  await run(file, args, options).catch((error) => {
    // Yarn prints its errors to stdout.
    throw new Error(`${error.message}${error.stdout}`, { cause: error })
  })
  const [node = process.execPath, ...nodeArgs] = manager.node ?? []
  const { stdout } = await run(node, [...nodeArgs, 'main.js'], options)
  // Only @pds/types exports no values.
  if (name !== '@pds/types' && !(Number(stdout) > 0)) throw new Error(`${name} exports nothing: ${stdout}`)
  return manager.tree(folder)
}

/** Returns a program that imports a package and prints the number of its exports, or of its commands. */
function sourceOf(name: string): string {
  if (name !== '@pds/cli') return `import * as all from '${name}'\nconsole.log(Object.keys(all).length)\n`
  return `import manifest from '${name}/package.json' with { type: 'json' }\nconsole.log(Object.keys(manifest.bin).length)\n`
}

/** Returns the registry that npm uses on this machine for packages without a scope. */
export async function ordinaryRegistry(folder: string): Promise<string> {
  const [node, ...args] = npm
  const { stdout } = await run(node, [...args, 'config', 'get', 'registry'], { cwd: folder })
  return stdout.trim()
}
