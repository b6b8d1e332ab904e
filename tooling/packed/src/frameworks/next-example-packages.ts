import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repository, tools } from '../packages/repository.ts'

/** The names of our packages that the example of Next.js imports, or that these packages depend on. */
export const examplePackages: readonly string[] = [
  'auth-jwt',
  'auth-oauth',
  'backend',
  'core',
  'react',
  'session',
  'session-sqlite',
  'session-web',
  'types',
].map((name) => `@pds/${name}`)

/** Returns the versions of other packages that the example is checked with. */
export function exampleVersions(): Record<string, string> {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
  const { devDependencies } = read(path.join(repository, 'docs/package.json'))
  const names = ['next', 'react', 'react-dom', 'typescript', '@types/react']
  return {
    ...Object.fromEntries(names.map((name) => [name, devDependencies[name]])),
    '@types/node': read(path.join(tools, '@types/node/package.json')).version,
  }
}
