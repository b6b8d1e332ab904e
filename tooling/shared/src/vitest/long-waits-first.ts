import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Parts of the paths of the files that wait most of the time, the longest wait first. */
export const longWaits: readonly string[] = ['session-sqlite.processes']

/** Starts the files with long waits first, so that files that need the processor run beside them, not before them. */
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
