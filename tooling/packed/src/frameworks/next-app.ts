import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime } from 'shared/time'
import { inject } from 'vitest'
import { lockedVersions } from '../packages/repository.ts'
import { nextAppFiles } from './next-app-files.ts'

const run = promisify(execFile)

/** An application of Next.js in a folder, with the packed packages. */
export class NextApp {
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv
  #server: ChildProcess | undefined

  private constructor(folder: string, environment: object) {
    this.#folder = folder
    this.#env = {
      ...process.env,
      PDS_TEST: JSON.stringify(environment),
      // Vitest sets another one, with which Next.js builds something else.
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
    }
  }

  /** Installs Next.js with these versions, its compiler and the packed packages, and builds the application. */
  static async build(
    folder: string,
    versions: Readonly<Record<'next' | 'react' | 'react-dom', string>>,
    environment: object,
  ): Promise<NextApp> {
    const app = new NextApp(folder, environment)
    const { tarballs } = inject('packed')
    const names = ['@pds/auth-oauth', '@pds/core', '@pds/session', '@pds/types']
    const files = {
      ...nextAppFiles,
      'package.json': JSON.stringify({
        private: true,
        type: 'module',
        dependencies: {
          ...versions,
          ...Object.fromEntries(names.map((name) => [name, `file:${tarballs[name]}`])),
        },
        overrides: lockedVersions(),
      }),
    }
    for (const [file, text] of Object.entries(files)) {
      const place = path.join(folder, file)
      mkdirSync(path.dirname(place), { recursive: true })
      writeFileSync(place, text)
    }
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder })
    const [node, ...args] = app.#command('build')
    await run(node, args, { cwd: folder, env: app.#env, timeout: hangTime }).catch((error) => {
      throw new Error(`${error.message}${error.stdout}`, { cause: error })
    })
    return app
  }

  /** Starts the server and returns its origin. */
  async start(): Promise<string> {
    // `next dev` would ask the registry for a newer version.
    const [node, ...args] = this.#command('start', '--hostname', '127.0.0.1', '--port', '0')
    const server = spawn(node, args, {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#server = server
    let output = ''
    for await (const text of server.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += text
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
      if (origin && output.includes('Ready')) {
        server.stdout.resume()
        return origin
      }
    }
    throw new Error(`next start exited: ${output}`)
  }

  /** Returns the names of the texts that a file of the build or of the cache contains, plain or in base64. */
  findStored(texts: Readonly<Record<string, string>>): string[] {
    const files = readdirSync(path.join(this.#folder, '.next'), { recursive: true, withFileTypes: true })
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(path.join(file.parentPath, file.name), 'latin1'))
    return Object.keys(texts).filter((name) => {
      const forms = formsOf(texts[name] ?? '')
      return contents.some((content) => forms.some((form) => content.includes(form)))
    })
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

/** Returns a text, and what remains of it in base64 at each of the three offsets in a longer text. */
function formsOf(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.from(' '.repeat(offset) + text)
      .toString('base64')
      .slice(4, -4),
  )
  return [text, ...encoded]
}
