import { chineseName } from './chinese-name.ts'
import type { Report } from './report.ts'

/** How a README speaks of numbers. */
export interface Language {
  file: string
  heads: readonly string[]
  comma: string
  /** The name of a work or a contender. */
  nameOf(name: string): string
  /** When, where and with what they were measured. */
  source(report: Report): string
}

/** The READMEs that have the numbers. */
export const languages: readonly Language[] = [
  {
    file: 'README.md',
    heads: ['work', 'ours', 'the limit', 'others'],
    comma: ', ',
    nameOf: (name) => name,
    source: ({ date, machine, rounds, versions }) =>
      `Measured on ${date} in ${rounds} rounds, with Node.js ${machine.node} on ${machine.cores} cores of ` +
      `${machine.processor}, ${machine.system}; ${others(versions).join(', ')}.`,
  },
  {
    file: 'README.zh-CN.md',
    heads: ['操作', '本 SDK', '极限', '其他'],
    comma: '，',
    nameOf: chineseName,
    source: ({ date, machine, rounds, versions }) =>
      `${date} 测量，共 ${rounds} 轮；Node.js ${machine.node}，${machine.processor} 的 ${machine.cores} 个核心，` +
      `${machine.system}；${others(versions).join('、')}。`,
  },
]

/** Those that are not ours, with their versions. */
function others(versions: Report['versions']): string[] {
  const foreign = Object.entries(versions).filter(([name]) => !name.startsWith('@pds/'))
  return foreign.map(([name, version]) => `${name} ${version}`)
}
