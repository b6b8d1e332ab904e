import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime } from 'shared/time'
import { inject } from 'vitest'
import { lockedVersions } from '../packages/repository.ts'

const run = promisify(execFile)

/** The environment variables of a process. */
type Variables = Readonly<Record<string, string>>

/** An application of Next.js in a folder, with the packed packages. */
export class NextApp {
  readonly #folder: string
  #server: ChildProcess | undefined
  #errors = ''

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Installs packages of the registry, Next.js with its compiler among them, and packed packages. */
  static async install(folder: string, versions: Variables, packed: readonly string[]): Promise<NextApp> {
    const app = new NextApp(folder)
    const { tarballs } = inject('packed')
    const manifest = {
      private: true,
      type: 'module',
      dependencies: {
        ...versions,
        ...Object.fromEntries(packed.map((name) => [name, `file:${tarballs[name]}`])),
      },
      // The versions of the application win, and npm rejects other ones.
      overrides: { ...lockedVersions(), ...versions },
    }
    app.write({ 'package.json': JSON.stringify(manifest) })
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder })
    return app
  }

  /** Writes files: their texts by their paths. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(files)) {
      const place = path.join(this.#folder, file)
      mkdirSync(path.dirname(place), { recursive: true })
      writeFileSync(place, text)
    }
  }

  /** Reads a file. */
  read(file: string): string {
    return readFileSync(path.join(this.#folder, file), 'utf8')
  }

  async build(variables: Variables = {}): Promise<void> {
    const [node, ...args] = this.#command('build')
    const options = { cwd: this.#folder, env: environment(variables), timeout: hangTime }
    await run(node, args, options).catch((error) => {
      throw new Error(`${error.message}${error.stdout}`, { cause: error })
    })
  }

  /** Starts the server and returns its origin. */
  async start(variables: Variables = {}): Promise<string> {
    // `next dev` would ask the registry for a newer version.
    const [node, ...args] = this.#command('start', '--hostname', '127.0.0.1', '--port', '0')
    const server = spawn(node, args, {
      cwd: this.#folder,
      env: environment(variables),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#server = server
    this.#errors = ''
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    let output = ''
    for await (const text of server.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += text
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
      if (origin && output.includes('Ready')) {
        server.stdout.resume()
        return origin
      }
    }
    throw new Error(`next start exited: ${output}${this.#errors}`)
  }

  /** What the server has written to its standard error. */
  get errors(): string {
    return this.#errors
  }

  /** Returns the names of the texts that a file of the build or of the cache contains, plain or in base64. */
  findStored(texts: Readonly<Record<string, string>>): string[] {
    const files = readdirSync(path.join(this.#folder, '.next'), { recursive: true, withFileTypes: true })
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(path.join(file.parentPath, file.name), 'latin1'))
    return findTexts(texts, contents)
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  #command(...args: string[]): [string, ...string[]] {
    return [process.execPath, path.join(this.#folder, 'node_modules/next/dist/bin/next'), ...args]
  }
}

/** Returns the environment of this process without settings of the packages, and with `variables`. */
function environment(variables: Variables): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('PDS_'))
  return {
    ...Object.fromEntries(others),
    ...variables,
    // Vitest sets another one, with which Next.js builds something else.
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/** Returns the names of the texts that one of the contents contains, plain or in base64. */
export function findTexts(texts: Readonly<Record<string, string>>, contents: readonly string[]): string[] {
  return Object.keys(texts).filter((name) => {
    const forms = formsOf(texts[name] ?? '')
    return contents.some((content) => forms.some((form) => content.includes(form)))
  })
}

/** Returns a text, and what remains of it in base64 at each of the three offsets in a longer text. */
function formsOf(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.from(' '.repeat(offset) + text)
      .toString('base64')
      .slice(4, -4),
  )
  return [text, ...encoded]
}
