import { styleText } from 'node:util'
import { leftOut } from '../jsr/left-out.ts'
import type { Rehearsal, RehearsedPackage } from './rehearse.ts'

// What the rehearsal cannot do. CONTRIBUTING.md describes each step.
const credentials = [
  'npm: an account with two-factor authentication in the organisation pds, for new packages and their trusted publisher',
  'GitHub: a reviewer of the environment npm, who approves the publishing job',
  'JSR: a member of the scope @pds, who links the packages to the repository and publishes them',
]

/** Returns the summary of a rehearsal: the packages, the checks, and the steps that need credentials. */
export function formatRehearsal({ packages, onJsr, checks }: Rehearsal): string {
  const rows = packages.map((rehearsed) => rowOf(rehearsed, onJsr))
  const lines = [
    '',
    bold('What the release would publish'),
    ...table(['package', 'version', 'kB', 'files', 'JSR', 'since the last published version'], rows),
    ...Object.entries(leftOut).map(([name, reason]) => `JSR does not get ${name}: ${reason}.`),
    '',
    bold('Checks'),
    ...checks.flatMap(({ name, problems }) => [
      problems.length === 0 ? `${styleText('green', '✓')} ${name}` : `${styleText('red', '✗')} ${name}`,
      ...problems.map((problem) => `    ${problem}`),
    ]),
    '',
    bold('Steps that need credentials'),
    ...credentials.map((step) => `- ${step}`),
  ]
  return `${lines.join('\n')}\n`
}

function rowOf(
  { name, version, size, files, published }: RehearsedPackage,
  onJsr: readonly string[],
): string[] {
  const jsr = onJsr.includes(`${name}@${version}`) ? 'yes' : 'no'
  const change = published?.version === version ? 'already published' : changeOf(files, published)
  return [name, version, (size / 1000).toFixed(1), String(files.length), jsr, change]
}

function changeOf(files: readonly string[], published: RehearsedPackage['published']): string {
  if (published === undefined) return 'first version'
  const added = files.filter((file) => !published.files.includes(file))
  const removed = published.files.filter((file) => !files.includes(file))
  const changes = [...added.map((file) => `+${file}`), ...removed.map((file) => `-${file}`)]
  const shown = changes.length > 8 ? [...changes.slice(0, 8), `and ${changes.length - 8} more`] : changes
  return `${published.version}: ${shown.join(' ') || 'the same files'}`
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function bold(text: string): string {
  return styleText('bold', text)
}
