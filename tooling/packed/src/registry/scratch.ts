import { execFile } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../packages/repository.ts'
import { publishEnvironment } from './environment.ts'

const run = promisify(execFile)

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** A copy of the repository, in which versions can be made and published without a trace in the real one. */
export class ScratchRepository {
  readonly folder: string
  readonly #environment: NodeJS.ProcessEnv

  private constructor(folder: string) {
    this.folder = folder
    // Nothing listens on the discard port: what is run here without a registry of its own can reach none.
    this.#environment = publishEnvironment(`${folder}-home`, 'http://127.0.0.1:9/')
  }

  /**
   * Copies the files as they are now, also those that are not committed, into `folder`, and commits them there: a clone
   * would lack what is not committed, and does not work from the shallow clones of CI.
   */
  static async copy(folder: string, { built = false }: { built?: boolean } = {}): Promise<ScratchRepository> {
    const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: repository,
      maxBuffer: 2 ** 26,
    })
    for (const file of stdout.split('\0')) {
      // What was deleted and is not committed is listed, too.
      if (file && existsSync(path.join(repository, file)))
        cpSync(path.join(repository, file), path.join(folder, file), { verbatimSymlinks: true })
    }
    const scratch = new ScratchRepository(folder)
    if (built) scratch.#copyBuilt()
    await scratch.run('git', ['init', '--quiet', '--initial-branch=main'])
    await scratch.commit('As it is now')
    return scratch
  }

  /** Runs a program in the copy, with nothing of the settings of whoever runs the tests. */
  async run(file: string, args: readonly string[], env = this.#environment): Promise<string> {
    const { stdout } = await run(file, args, { cwd: this.folder, env, maxBuffer: 2 ** 26 })
    return stdout
  }

  async commit(message: string): Promise<void> {
    await this.run('git', ['add', '--all'])
    await this.run('git', ['commit', '--quiet', '--no-verify', '--allow-empty', '--message', message])
  }

  /** Makes the copy what it was at the last commit. */
  async reset(): Promise<void> {
    await this.run('git', ['reset', '--quiet', '--hard'])
    await this.run('git', ['clean', '--quiet', '-d', '--force'])
  }

  /** Runs the script of the root manifest that makes versions, as it stands there. */
  async versionPackages(): Promise<void> {
    const script = this.manifests('package.json')[0]?.scripts?.['version-packages']
    if (!script) throw new Error('The manifest of the repository has no script "version-packages"')
    // Not by `pnpm run`, which would install first.
    await this.run('sh', ['-c', script])
  }

  /** The files of the pending changesets. */
  changesets(): string[] {
    return globSync('.changeset/*.md', { cwd: this.folder }).filter((file) => !file.endsWith('README.md'))
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8')
  }

  /** The manifests of the published packages. */
  packages(): Manifest[] {
    return this.manifests('packages/*/package.json')
  }

  /** The manifests of the members of the workspace that are not published, and that of the root. */
  privatePackages(): Manifest[] {
    return ['package.json', 'docs/package.json', 'tooling/*/package.json'].flatMap((pattern) =>
      this.manifests(pattern),
    )
  }

  manifests(pattern: string): Manifest[] {
    return globSync(pattern, { cwd: this.folder })
      .sort()
      .map((file) => JSON.parse(this.read(file)))
  }

  // pnpm reads the versions to publish from the linked packages.
  #copyBuilt(): void {
    for (const name of globSync('*', { cwd: path.join(repository, 'packages') })) {
      for (const part of ['dist', 'node_modules/@pds']) {
        const from = path.join(repository, 'packages', name, part)
        const to = path.join(this.folder, 'packages', name, part)
        mkdirSync(path.dirname(to), { recursive: true })
        if (existsSync(from)) cpSync(from, to, { recursive: true, verbatimSymlinks: true })
      }
    }
  }
}
