// Bundles the package in the current folder into one file for each entry of its manifest. Dependencies stay outside,
// and the compiler writes the declarations. Node.js takes longer to find and link many small modules than to run
// them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { rolldown } from 'rolldown'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const { exports, imports, bin, dependencies, peerDependencies } = manifest
const packages = Object.keys({ ...dependencies, ...peerDependencies })
const entries = JSON.stringify([exports, imports, bin]).matchAll(/"\.\/dist\/([^"]+)\.js"/g)

const bundle = await rolldown({
  input: Object.fromEntries([...entries].map(([, name]) => [name, `./src/${name}.ts`])),
  // `#platform` is resolved when the package is loaded or bundled by its users.
  external: [/^node:/, ...Object.keys(imports ?? {}), ...packages.map((name) => new RegExp(`^${name}(/|$)`))],
  tsconfig: 'tsconfig.build.json',
  transform: { target: 'es2022' },
  logLevel: 'warn',
  onLog(_level, { code, message }) {
    // The bundle begins with the directive of its entry. The tests of @pds/react check that.
    if (code !== 'MODULE_LEVEL_DIRECTIVE') throw new Error(message)
  },
})
const { output } = await bundle.generate({
  dir: 'dist',
  // Code that several entries share goes into one file beside them, so that its classes and maps exist once. A module that
  // is imported late gets a file of its name.
  chunkFileNames: '[name].js',
  advancedChunks: { groups: [{ name: 'shared', minShareCount: 2 }] },
  minifyInternalExports: false,
  sourcemap: true,
  // The package contains the sources.
  sourcemapExcludeSources: true,
})
await bundle.close()

// Overwrites each file instead of clearing the folder first: tests may read it at this moment.
for (const { fileName, code, source } of output) {
  const file = path.join('dist', fileName)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, code === undefined ? source : importPackagesFirst(code))
}

// Removes the files of deleted sources, which would be published otherwise.
const built = new Set(output.map(({ fileName }) => fileName))
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const file = path.relative('dist', path.join(entry.parentPath, entry.name))
  const [, declared] = /^(.*)\.d\.ts(\.map)?$/.exec(file) ?? []
  const isCurrent = declared === undefined ? built.has(file) : existsSync(`src/${declared}.ts`)
  if (entry.isFile() && !isCurrent) rmSync(path.join('dist', file))
}

/**
 * Moves the import of the shared file below the imports of packages. Users' bundlers keep this order: with ky between our
 * files, a page's bundle is 200 bytes larger after compression.
 */
function importPackagesFirst(code) {
  const lines = code.split('\n')
  const count = lines.findIndex((line) => !line.startsWith('import '))
  const imports = lines.splice(0, Math.max(count, 0))
  const isOfPackage = (line) => !line.includes(' from "./')
  return [...imports.filter(isOfPackage), ...imports.filter((line) => !isOfPackage(line)), ...lines].join(
    '\n',
  )
}
