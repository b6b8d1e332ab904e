import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { startProcesses } from 'shared/start-processes'
import { onTestFinished } from 'vitest'
import type { KeyResult } from './key-process.test-helper.ts'

const script = path.join(import.meta.dirname, 'key-process.test-helper.ts')

/** What a process does, and its environment. */
export interface KeyJob {
  file: string
  fallback?: 'file' | 'none'
  env: NodeJS.ProcessEnv
}

/** Starts a process for the time of one test. It runs its job at the first message. */
export async function startKeyProcess(
  job: 'key' | 'lock' | 'readEntry' | 'storeEntry' | 'deleteEntry',
  { file, fallback = 'file', env }: KeyJob,
): Promise<ChildProcess> {
  const execArgv = ['--unhandled-rejections=strict', '--disable-warning=ExperimentalWarning']
  if (process.features.typescript === false) execArgv.push('--experimental-strip-types')
  const child = fork(script, [job, file, fallback], { execArgv, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  await nextMessage(child)
  return child
}

/** Runs the job of a started process, and returns its result. */
export async function runJob<Result = KeyResult>(child: ChildProcess): Promise<Result> {
  child.send('run')
  return nextMessage(child)
}

/** Starts processes that ask for the key at the same time, and returns their results. */
export async function askAtOnce(count: number, job: KeyJob): Promise<KeyResult[]> {
  const children = await startProcesses(count, () => startKeyProcess('key', job))
  return Promise.all(children.map((child) => runJob(child)))
}

/** Asks for the key in a process. */
export async function ask(job: KeyJob): Promise<KeyResult> {
  return runJob(await startKeyProcess('key', job))
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message))
    child.once('exit', (code) => reject(new Error(`the process exited with ${code}`)))
  })
}
