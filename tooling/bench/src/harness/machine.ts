import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'

/** Where something was measured. */
export interface Machine {
  processor: string
  cores: number
  /** In GiB. */
  memory: number
  system: string
  node: string
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
  }
}
