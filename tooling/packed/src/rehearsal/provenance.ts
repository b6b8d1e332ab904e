interface Root {
  readonly repository?: { readonly url?: string | undefined } | undefined
}

interface Packed {
  readonly name?: unknown
  readonly repository?: unknown
  readonly publishConfig?: unknown
}

/**
 * Returns what would make npm reject the provenance of a package. npm requires that the `repository` of the package is
 * the repository of the workflow, and that the package is public. `root`: the root manifest, whose `repository` is added to
 * each packed manifest.
 */
export function provenanceProblems(packages: readonly Packed[], { repository }: Root): string[] {
  if (repository === undefined)
    return [
      'package.json has no "repository". Add { "type": "git", "url": "git+https://github.com/<owner>/<name>.git" }',
    ]
  const problems: string[] = []
  if (!/^git\+https:\/\/github\.com\/[\w.-]+\/[\w.-]+\.git$/.test(repository.url ?? ''))
    problems.push('the url of "repository" in package.json is not git+https://github.com/<owner>/<name>.git')
  for (const { name, repository: packed, publishConfig } of packages) {
    if ((packed as { url?: string } | undefined)?.url !== repository.url)
      problems.push(`${name} is packed without the "repository" of package.json`)
    if ((publishConfig as { access?: string } | undefined)?.access !== 'public')
      problems.push(`${name} is not public: its publishConfig has no "access": "public"`)
  }
  return problems
}
