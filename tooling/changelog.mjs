// Writes the changelogs of a release, for changesets: an entry is what its changeset says, without the commit that the
// default puts before it, and what a package depends on is a line, where the default has one for each change of it.

export function getReleaseLine({ summary }) {
  return `- ${summary.trim().replace(/\n(?!\n)/g, '\n  ')}`
}

export function getDependencyReleaseLine(_changesets, dependencies) {
  if (dependencies.length === 0) return ''
  const names = dependencies.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`).sort()
  const last = names.pop()
  const list = names.length === 0 ? last : `${names.join(', ')} and ${last}`
  return `- With ${list}: ${names.length === 0 ? 'its changelog says' : 'their changelogs say'} what is different.`
}
