import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Starts the files first that wait longest: what needs the processor runs beside them, and not before. */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => Number(waits(b)) - Number(waits(a)))
  }
}

function waits({ project, moduleId }: TestSpecification): boolean {
  return project.name === 'processes' || /frozen|fault-matrix/.test(moduleId)
}
