import { type ExitCode, exitCode } from './exit-code.ts'
import type { Text } from './text.ts'

/** An error that tells the user what is wrong and what to do, in both languages. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly text: Text
  readonly exitCode: ExitCode
  /** A stable code for `--json`. */
  readonly code: string
  /** More fields for `--json`: the response of the service. */
  readonly fields: { status?: number; reqId?: string }

  constructor(
    code: string,
    text: Text,
    exit: ExitCode = exitCode.failed,
    fields: { status?: number; reqId?: string } = {},
  ) {
    super(text.en)
    this.fields = fields
    this.code = code
    this.text = text
    this.exitCode = exit
  }
}

/** Creates the error of wrong arguments. */
export function usageError(text: Text): CliError {
  return new CliError('Usage', text, exitCode.usage)
}

/** Creates the error of a user who cancelled. */
export function cancelled(): CliError {
  return new CliError('Aborted', { en: 'Cancelled.', zh: '已取消。' }, exitCode.interrupted)
}
