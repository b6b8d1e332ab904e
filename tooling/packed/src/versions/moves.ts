import type { Manifest } from '../registry/scratch.ts'

/** The new versions of the updated packages, by their names without the scope. */
export type Moves = Readonly<Record<string, string>>

const short = (name: string) => name.replace('@pds/', '')

/** Returns the packages whose versions differ. */
export function movesOf(before: readonly Manifest[], after: readonly Manifest[]): Moves {
  const versions = new Map(before.map(({ name, version }) => [name, version]))
  return Object.fromEntries(
    after.flatMap(({ name, version }) => (version === versions.get(name) ? [] : [[short(name), version]])),
  )
}

export interface Unannounced {
  readonly dependant: string
  /** The dependency whose new version is outside of the dependant's range. */
  readonly dependency: string
}

/**
 * Returns the packages whose new version stays in its caret range, although their dependency leaves its caret range.
 * A project that also depends on the dependency itself, which is usual with `@pds/core`, would get two incompatible
 * copies of it from a compatible update. So the changeset must name these packages with the same bump.
 */
export function unannounced(
  from: string | ReadonlyMap<string, string>,
  moved: Moves,
  packages: readonly Manifest[],
): Unannounced[] {
  const before = (name: string) => (typeof from === 'string' ? from : (from.get(name) ?? '0.0.0'))
  const leavesRange = (name: string) => {
    const version = moved[short(name)]
    return version !== undefined && caretOf(version) !== caretOf(before(name))
  }
  return packages.flatMap(({ name, dependencies = {}, peerDependencies = {} }) => {
    const [dependency] = Object.keys({ ...dependencies, ...peerDependencies }).filter(leavesRange)
    return dependency === undefined || leavesRange(name)
      ? []
      : [{ dependant: short(name), dependency: short(dependency) }]
  })
}

/** Returns the part that all versions in a caret range share: 1 for `^1.2.3`, 0.2 for `^0.2.3`, 0.0.3 for `^0.0.3`. */
function caretOf(version: string): string {
  const parts = version.split('.')
  const significant = parts.findIndex((part) => part !== '0')
  return parts.slice(0, (significant === -1 ? parts.length : significant) + 1).join('.')
}
