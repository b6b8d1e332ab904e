import path from 'node:path'

/** The root folder of the repository. */
export const repository: string = path.resolve(import.meta.dirname, '../../../..')

/** The folder in which the compilers, package managers and runtimes of these tests are installed. */
export const tools: string = path.join(repository, 'tooling/packed/node_modules')
