import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Returns the names of the files that differ between two folders, or that only one of them has. */
export function compareFiles(one: string, other: string): string[] {
  const hashes = [hashFiles(one), hashFiles(other)] as const
  const names = new Set(hashes.flatMap((hashesOfFolder) => Object.keys(hashesOfFolder)))
  return [...names].filter((name) => hashes[0][name] !== hashes[1][name]).sort()
}

/** Returns the SHA-512 hash of each file in a folder, in the format of `integrity` in npm. */
export function hashFiles(folder: string): Record<string, string> {
  const hash = (name: string) => createHash('sha512').update(readFileSync(path.join(folder, name)))
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, `sha512-${hash(name).digest('base64')}`]),
  )
}
