import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'

/**
 * Copies folders into `output`, by their new names. A folder that `output` already has is replaced: `deno publish` would
 * also publish the files that an earlier rehearsal left in it. Other files in `output` stay.
 */
export function keepFolders(output: string, folders: Readonly<Record<string, string>>): void {
  for (const [name, folder] of Object.entries(folders)) {
    const kept = path.join(output, name)
    rmSync(kept, { recursive: true, force: true })
    cpSync(folder, kept, { recursive: true })
  }
}
