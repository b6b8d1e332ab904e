import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { onTestFinished } from 'vitest'

const script = path.join(import.meta.dirname, 'store-process.test-helper.ts')

/** Starts a process with a store, for the time of one test. */
export async function startProcess(job: string, file: string): Promise<ChildProcess> {
  const execArgv = ['--unhandled-rejections=strict', '--disable-warning=ExperimentalWarning']
  if (process.features.typescript === false) execArgv.push('--experimental-strip-types')
  const child = fork(script, [job, file], { execArgv })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}
