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

/** A copy of the repository. Releases from the copy do not change the repository. */
export class ScratchRepository {
  readonly folder: string
  readonly #environment: NodeJS.ProcessEnv

  private constructor(folder: string) {
    this.folder = folder
    // Nothing listens on the discard port, so programs without another environment can reach no registry.
    this.#environment = publishEnvironment(`${folder}-home`, 'http://127.0.0.1:9/')
  }

  /**
   * Copies the current files of the repository, including uncommitted files, into `folder` and commits them there. A
   * clone would not contain uncommitted changes, and a clone of a shallow clone fails in CI.
   */
  static async copy(folder: string, { built = false }: { built?: boolean } = {}): Promise<ScratchRepository> {
    const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: repository,
      maxBuffer: 2 ** 26,
    })
    for (const file of stdout.split('\0')) {
      // The list contains files whose deletion is not committed.
      if (file && existsSync(path.join(repository, file)))
        cpSync(path.join(repository, file), path.join(folder, file), { verbatimSymlinks: true })
    }
    const scratch = new ScratchRepository(folder)
    if (built) scratch.#copyBuilt()
    await scratch.run('git', ['init', '--quiet', '--initial-branch=main'])
    await scratch.commit('Current state')
    return scratch
  }

  /** Runs a program in the copy and returns its output. The default environment has no settings of this machine. */
  async run(file: string, args: readonly string[], env = this.#environment): Promise<string> {
    const { stdout } = await run(file, args, { cwd: this.folder, env, maxBuffer: 2 ** 26 })
    return stdout
  }

  async commit(message: string): Promise<void> {
    await this.run('git', ['add', '--all'])
    await this.run('git', ['commit', '--quiet', '--no-verify', '--allow-empty', '--message', message])
  }

  /** Resets the copy to its last commit. */
  async reset(): Promise<void> {
    await this.run('git', ['reset', '--quiet', '--hard'])
    await this.run('git', ['clean', '--quiet', '-d', '--force'])
  }

  /** Runs the script `version-packages` of the root manifest. */
  async versionPackages(): Promise<void> {
    const script = this.manifests('package.json')[0]?.scripts?.['version-packages']
    if (!script) throw new Error('the root package.json has no script "version-packages"')
    // `pnpm run` would install first.
    await this.run('sh', ['-c', script])
  }

  /** Returns the files of the pending changesets. */
  changesets(): string[] {
    return globSync('.changeset/*.md', { cwd: this.folder }).filter((file) => !file.endsWith('README.md'))
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8')
  }

  /** Returns the manifests of the published packages. */
  packages(): Manifest[] {
    return this.manifests('packages/*/package.json')
  }

  /** Returns the manifests of the root and of the workspace members that are not published. */
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
