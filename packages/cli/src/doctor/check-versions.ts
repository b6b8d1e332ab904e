import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Check, same } from './check.ts'

const [minMajor, minMinor] = [22, 13]
const packages = [
  'core',
  'auth-jwt',
  'auth-oauth',
  'auth-loopback',
  'session',
  'session-keychain',
  'session-sqlite',
]

/** Checks the version of Node.js, and names those of the packages. */
export const checkVersions: Check = {
  name: 'versions',
  title: { en: 'Versions', zh: '版本' },
  async run() {
    const { node } = process.versions
    const [major = 0, minor = 0] = node.split('.').map(Number)
    const isNew = major > minMajor || (major === minMajor && minor >= minMinor)
    const hasSqlite = process.getBuiltinModule?.('node:sqlite') !== undefined
    const versions = packages.map((name) => `${name} ${readVersion(`@pds/${name}/package.json`)}`)
    const { platform, arch } = process
    const text = same(
      `pds ${readVersion('../package.json')}, Node.js ${node}, ${platform} ${arch}, @pds: ${versions.join(', ')}`,
    )
    if (isNew && hasSqlite) return { state: 'ok', text }
    return {
      state: 'fail',
      text,
      advice: {
        en: `Install Node.js ${minMajor}.${minMinor} or newer, with its module node:sqlite.`,
        zh: `请安装 Node.js ${minMajor}.${minMinor} 或更新版本（包含 node:sqlite 模块）。`,
      },
    }
  },
}

function readVersion(manifest: string): string {
  try {
    const url = manifest.startsWith('.') ? new URL(manifest, import.meta.url) : import.meta.resolve(manifest)
    return JSON.parse(readFileSync(fileURLToPath(url), 'utf8')).version
  } catch {
    return '?'
  }
}
