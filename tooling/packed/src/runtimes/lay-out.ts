import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { tools } from '../packages/repository.ts'

/** A folder with the scenarios, from which they can import the packed packages. */
export interface Layout {
  readonly folder: string
  remove(): void
}

/** Copies the scenarios into a new folder, and links the installed packages and the clients of Redis and PostgreSQL into it. */
export function layOut(installed: string): Layout {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'pds-runtimes-')))
  cpSync(path.join(import.meta.dirname, 'scenarios'), folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const modules = path.join(folder, 'node_modules')
  mkdirSync(modules)
  symlinkSync(path.join(installed, 'node_modules', '@pds'), path.join(modules, '@pds'))
  mkdirSync(path.join(modules, '@upstash'))
  for (const name of ['redis', 'ioredis', '@upstash/redis', 'pg', 'postgres']) {
    const own = path.join(tools, name)
    symlinkSync(realpathSync(own), path.join(modules, name))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
