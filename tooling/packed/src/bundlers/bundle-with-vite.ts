import path from 'node:path'
import { build, createLogger, type Rolldown, type UserConfig } from 'vite'
import { type Bundler, failOnWarnings } from './bundle.ts'

export const bundleWithVite: Bundler = (file, platform) =>
  buildWithVite(file, platform === 'page' ? {} : { build: { ssr: true }, ssr: { noExternal: true } })

/** Returns whether the bundler or its compiler added a module, such as a helper for tagged templates. */
function isHelper(module: string): boolean {
  return /^\0(rolldown\/|@oxc-project\+runtime@)/.test(module)
}

/** Builds with Vite and more options. For example, the options of a server build leave its dependencies outside. */
export async function buildWithVite(file: string, options: UserConfig): ReturnType<Bundler> {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const result = await build({
    ...options,
    root: path.dirname(file),
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    customLogger: { ...createLogger('silent'), warn, warnOnce: warn },
    build: { minify: true, ...options.build, write: false, rolldownOptions: { input: file } },
  })
  failOnWarnings('vite', warnings)
  const { output } = result as Rolldown.RolldownOutput
  const [chunk, ...others] = output
  if (others.length > 0)
    throw new Error(`vite created several files: ${output.map(({ fileName }) => fileName).join(', ')}`)
  return {
    code: chunk.code,
    modules: Object.entries(chunk.modules)
      .filter(([name, { renderedLength }]) => renderedLength > 0 && !isHelper(name))
      .map(([name]) => name),
    imports: [...chunk.imports, ...chunk.dynamicImports],
  }
}
