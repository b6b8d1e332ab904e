import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../documents/documents.ts'

const marker = /^ *(?:\/\/|<!--) #(end)?region .*\n/gm

/** The text of a file, or of one of its regions: what stands between `// #region name` and `// #endregion name`. */
export function sourceOfBlock(source: string): string {
  const [file = '', region] = source.split('#')
  const text = readFileSync(path.join(repository, file), 'utf8')
  if (region === undefined) return text.replaceAll(marker, '')
  const begin = text.search(new RegExp(`^.*#region ${region}( -->)?$`, 'm'))
  const end = text.search(new RegExp(`^.*#endregion ${region}( -->)?$`, 'm'))
  if (begin === -1 || end === -1) throw new Error(`${file} has no region ${region}`)
  const lines = text.slice(text.indexOf('\n', begin) + 1, end).replaceAll(marker, '')
  return `${lines.trimEnd()}\n`
}
