import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that spend most of their time waiting, by a part of their path, the longest first. */
export const longWaits: readonly string[] = [
  'session-tabs-frozen',
  'session-sqlite.processes',
  'session-redis.processes',
  'fault-matrix',
]

/** Starts the files with long waits first: those that need the processor run beside them, and not before. */
export class LongWaitsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = longWaits.findIndex((part) => moduleId.includes(part))
  return index === -1 ? longWaits.length : index
}
