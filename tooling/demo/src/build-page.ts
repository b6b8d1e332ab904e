import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'

/** A file that the server sends. */
export interface PageFile {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly type: string
  /** Whether the name contains a hash of the content. */
  readonly isHashed: boolean
}

const root = fileURLToPath(new URL('../web', import.meta.url))

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Builds the page in the folder `web` with Vite. Returns its files by their paths, and writes none. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const result = await build({
    root,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    // Vite would take them from the environment, which differs in tests.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: {
      write: false,
      modulePreload: false,
      // A data: URL would need an exception in the Content-Security-Policy.
      assetsInlineLimit: 0,
      target: 'es2023',
      rolldownOptions: {
        // @pds/react has a directive for servers, which a page does not need.
        onLog: (level, log, handle) => void (log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log)),
      },
    },
  })
  const [{ output }] = [result].flat() as [Rolldown.RolldownOutput]
  return new Map(
    output.map((file) => {
      const { fileName } = file
      const content = file.type === 'chunk' ? file.code : file.source
      const body = typeof content === 'string' ? content : new Uint8Array(content)
      const type = types[fileName.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
      return [`/${fileName}`, { body, type, isHashed: fileName.startsWith('assets/') }]
    }),
  )
}
