import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The versions of npm packages as they are installed here. */
export function versionsOf(packages: Iterable<string>): Record<string, string> {
  const names = [...new Set(packages)].sort()
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const file = findPackageJSON(name, import.meta.url)
  if (file === undefined) throw new Error(`${name} is not installed`)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
