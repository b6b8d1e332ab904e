/** Throws where a bundler has warned: what it warns of, users would read at each build. */
export function refuseWarnings(bundler: string, warnings: readonly string[]): void {
  if (warnings.length > 0) throw new Error(`${bundler} warns:\n${warnings.join('\n')}`)
}
