import { execFileSync } from 'node:child_process'
import { repository } from '../packages/repository.ts'

/** Returns the commit, the tags, the changed files and their changes: all that a rehearsal must not change. */
export function stateOfWorkingTree(): string {
  const commands = [
    ['rev-parse', 'HEAD'],
    ['tag', '--list'],
    ['status', '--porcelain'],
    ['diff', 'HEAD'],
  ]
  return commands
    .map((args) => execFileSync('git', args, { cwd: repository, encoding: 'utf8', maxBuffer: 2 ** 26 }))
    .join('\n')
}
