import type { Manifest } from '../registry/scratch.ts'

/** The new versions of the packages that have moved, by their names without the scope. */
export type Moves = Readonly<Record<string, string>>

const short = (name: string) => name.replace('@pds/', '')

export function movesOf(before: readonly Manifest[], after: readonly Manifest[]): Moves {
  const versions = new Map(before.map(({ name, version }) => [name, version]))
  return Object.fromEntries(
    after.flatMap(({ name, version }) => (version === versions.get(name) ? [] : [[short(name), version]])),
  )
}

export interface Unannounced {
  readonly follower: string
  /** The dependency that left the follower's range. */
  readonly dependency: string
}

/**
 * The packages that would follow a dependency out of its caret range while they stay in their own. Whoever has both, as
 * is usual with `@pds/core`, would get two incompatible copies of the dependency by an update that promises to break
 * nothing. So they have to be named in the changeset, and move as far.
 */
export function unannounced(
  from: string | ReadonlyMap<string, string>,
  moved: Moves,
  packages: readonly Manifest[],
): Unannounced[] {
  const before = (name: string) => (typeof from === 'string' ? from : (from.get(name) ?? '0.0.0'))
  const left = (name: string) => {
    const version = moved[short(name)]
    return version !== undefined && caretOf(version) !== caretOf(before(name))
  }
  return packages.flatMap(({ name, dependencies = {}, peerDependencies = {} }) => {
    const [dependency] = Object.keys({ ...dependencies, ...peerDependencies }).filter(left)
    return dependency === undefined || left(name)
      ? []
      : [{ follower: short(name), dependency: short(dependency) }]
  })
}

/** What versions have in common that one caret range holds: `^1.2.3` holds 1, `^0.2.3` holds 0.2, `^0.0.3` that alone. */
function caretOf(version: string): string {
  const parts = version.split('.')
  const significant = parts.findIndex((part) => part !== '0')
  return parts.slice(0, (significant === -1 ? parts.length : significant) + 1).join('.')
}
