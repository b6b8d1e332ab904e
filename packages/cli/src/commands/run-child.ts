import { type ChildProcess, spawn } from 'node:child_process'
import { isatty } from 'node:tty'
import { CliError } from '../output/cli-error.ts'
import { exitCode } from '../output/exit-code.ts'

/** How a process ended. */
export interface ChildEnd {
  /** Null if a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
}

// A terminal sends these to all processes in its foreground, so the command has already received them.
const keyboardSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const forwardedSignals: readonly NodeJS.Signals[] = [...keyboardSignals, 'SIGTERM', 'SIGHUP']

/**
 * Starts a command without a shell, on the streams of this process. Resolves when the command has ended: until then, it
 * gets the signals of this process.
 *
 * Throws a `CliError` with exit code 127 or 126, as shells do, if the command does not exist or cannot be started.
 */
export async function startChild(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildEnd> {
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream))
  let child: ChildProcess | undefined
  const listeners = forwardedSignals.map((signal) => {
    const forward = () => {
      if (!(hasTerminal && keyboardSignals.includes(signal))) child?.kill(signal)
    }
    process.on(signal, forward)
    return () => process.off(signal, forward)
  })
  try {
    return await new Promise((resolve, reject) => {
      child = spawn(command, args, { env, stdio: 'inherit' })
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
  } catch (error) {
    throw notStarted(command, error as NodeJS.ErrnoException)
  } finally {
    for (const remove of listeners) remove()
  }
}

function notStarted(command: string, { code }: NodeJS.ErrnoException): CliError {
  // The number of the error differs on Windows.
  const isMissing = code === 'ENOENT'
  // Node.js starts only programs without a shell, and npm installs commands as .cmd files there.
  const isWindows = process.platform === 'win32'
  const help = {
    en: isWindows ? ' For a .cmd file, run: pds run -- cmd /c <command>' : '',
    zh: isWindows ? '如果是 .cmd 文件，请运行：pds run -- cmd /c <命令>' : '',
  }
  return isMissing
    ? new CliError(
        'CommandNotFound',
        {
          en: `There is no command ${command}. Check its name and PATH.${help.en}`,
          zh: `没有命令 ${command}。请检查其名称和 PATH。${help.zh}`,
        },
        exitCode.notFound,
      )
    : new CliError(
        'CommandNotStarted',
        {
          en: `The command ${command} cannot be started (${code}). Check that it is a program with execute permission.${help.en}`,
          zh: `无法启动命令 ${command}（${code}）。请确认它是具有执行权限的程序。${help.zh}`,
        },
        exitCode.notExecutable,
      )
}
