import { globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../documents/documents.ts'

// A folder with more files is only listed.
const maxFiles = 12

/** Returns a page in Markdown with the text of a file, or of the files of a folder. */
export function sourceText(file: string): string {
  const parts = filesOf(file)
  const isShown = parts.length <= maxFiles
  const list = parts.map((part) => `- ${isShown ? `[\`${part}\`](#${anchorOf(part)})` : `\`${part}\``}`)
  const blocks = isShown ? parts.map((part) => blockOf(part, parts.length > 1)) : []
  const head = `---\nsearch: false\noutline: false\nprev: false\nnext: false\n---\n\n# \`${file}\`\n`
  return [head, ...(parts.length > 1 ? [`${list.join('\n')}\n`] : []), ...blocks].join('\n')
}

/** Returns a file, or the files of a folder that the site lists or shows. */
export function filesOf(file: string): string[] {
  if (!statSync(path.join(repository, file)).isDirectory()) return [file]
  const exclude = (name: string) => /(^|[\\/])(node_modules|dist|\.[^\\/]+)$/.test(name)
  return globSync(`${file}/**/*.*`, { cwd: repository, exclude })
    .filter((found) => statSync(path.join(repository, found)).isFile())
    .map((found) => found.replaceAll(path.sep, '/'))
    .sort()
}

function anchorOf(file: string): string {
  return file.toLowerCase().replaceAll(/[^\p{L}\p{N}\-_]/gu, '')
}

/** Without colours, which would take most of the time of the build. */
function blockOf(file: string, hasHeading: boolean): string {
  const text = readFileSync(path.join(repository, file), 'utf8').trimEnd()
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const code = `<pre v-pre class="source" tabindex="0"><code>${escaped}</code></pre>\n`
  return hasHeading ? `## \`${file}\`\n\n${code}` : code
}
