import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Configuration, type Stats, type StatsModule, webpack } from 'webpack'
import { type Bundler, failOnWarnings, type Platform } from './bundle.ts'

const outputs: Readonly<Record<Platform, Configuration>> = {
  page: {},
  server: { target: 'node', experiments: { outputModule: true }, output: { module: true } },
}

export const bundleWithWebpack: Bundler = (file, platform) => buildWithWebpack(file, outputs[platform])

/** Builds with webpack and more options, such as another target. */
export async function buildWithWebpack(file: string, options: Configuration): ReturnType<Bundler> {
  const root = path.dirname(file)
  const folder = path.join(root, 'dist')
  const { warnings, files, modules } = await run({
    ...options,
    mode: 'production',
    context: root,
    entry: file,
    output: { ...options.output, path: folder, filename: 'bundle.js' },
  })
  failOnWarnings('webpack', warnings)
  const [bundle = '', ...others] = files
  if (others.length > 0) throw new Error(`webpack created several files: ${files.join(', ')}`)
  const isExternal = (module: string) => module.startsWith('external ')
  return {
    code: readFileSync(path.join(folder, bundle), 'utf8'),
    modules: modules.filter((module) => !isExternal(module)),
    // webpack names an import `external module "node:crypto"`.
    imports: modules.filter(isExternal).map((module) => module.replace(/.* "(.*)"$/, '$1')),
  }
}

async function run(configuration: Configuration): Promise<ReturnType<typeof read>> {
  const compiler = webpack(configuration)
  if (!compiler) throw new Error('webpack created no compiler')
  const stats = await new Promise<Stats>((resolve, reject) => {
    compiler.run((error, stats) => (stats ? resolve(stats) : reject(error)))
  })
  const result = read(stats)
  await new Promise((resolve) => compiler.close(resolve))
  return result
}

function read(stats: Stats): { warnings: string[]; files: string[]; modules: string[] } {
  const {
    errors = [],
    warnings = [],
    hints = [],
    assets = [],
    modules = [],
  } = stats.toJson({
    all: false,
    errors: true,
    warnings: true,
    hints: true,
    assets: true,
    modules: true,
    nestedModules: true,
    // Without these two options, webpack abbreviates the list to "+ 12 modules".
    modulesSpace: Number.POSITIVE_INFINITY,
    nestedModulesSpace: Number.POSITIVE_INFINITY,
  })
  return {
    warnings: [...errors, ...warnings, ...hints].map(({ message }) => message),
    files: assets.map(({ name }) => name),
    modules: modules.flatMap(filesOf),
  }
}

/** Returns the files of a module. webpack may have joined several files in it. */
function filesOf({ identifier, nameForCondition, modules }: StatsModule): string[] {
  if (modules) return modules.flatMap(filesOf)
  const name = nameForCondition ?? identifier
  return name === undefined ? [] : [name]
}
