/** Hides that SQLite is experimental in Node.js 22. The warning would be in the output of each command. */
export function hideExperimentalWarnings(): void {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] !== 'ExperimentalWarning') (emitWarning as (...args: unknown[]) => void)(warning, ...rest)
  }
}
