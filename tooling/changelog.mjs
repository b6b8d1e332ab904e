// Formats the changelogs of a release for changesets. An entry is the text of its changeset, without the commit that
// the default format puts before it. All updated dependencies share one line: the default writes a line for each
// change.

export function getReleaseLine({ summary }) {
  return `- ${summary.trim().replace(/\n(?!\n)/g, '\n  ')}`
}

export function getDependencyReleaseLine(_changesets, dependencies) {
  if (dependencies.length === 0) return ''
  const names = dependencies.map(({ name, newVersion }) => `\`${name}\` to ${newVersion}`).sort()
  const last = names.pop()
  const list = names.length === 0 ? last : `${names.join(', ')} and ${last}`
  return `- Updates ${list}: see ${names.length === 0 ? 'its changelog' : 'their changelogs'}.`
}
