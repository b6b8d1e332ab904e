import type { Language, Text } from './text.ts'

/** A stream of the process that text is written to. */
export type TextStream = NodeJS.WritableStream & { isTTY?: boolean | undefined }

// Back to the start of the line, which is then erased.
const eraseLine = '\r\u001B[K'

/** Writes data to stdout and messages to stderr. With `--json`, each line of both is JSON. */
export class Output {
  readonly language: Language
  readonly isJson: boolean
  readonly #stdout: TextStream
  readonly #stderr: TextStream

  constructor(language: Language, isJson: boolean, stdout: TextStream, stderr: TextStream) {
    this.language = language
    this.isJson = isJson
    this.#stdout = stdout
    this.#stderr = stderr
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    return this.#stdout.isTTY === true
  }

  /** Returns a text in the user's language. */
  localize(text: Text): string {
    return text[this.language]
  }

  /** Returns a value with its label in the user's language. */
  labelled(label: Text, value: string): string {
    return `${this.localize(label)}${this.language === 'zh' ? '：' : ': '}${value}`
  }

  /** Writes the result of a command: `json` with `--json`, otherwise the lines. */
  result(lines: string | readonly string[], json: unknown): void {
    const text = this.isJson ? JSON.stringify(json) : [lines].flat().join('\n')
    this.#stdout.write(`${this.isTerminal ? printable(text) : text}\n`)
  }

  /** Writes a message to stderr. `fields` are the data of the message for `--json`. */
  message(text: Text, fields: object = {}): void {
    const message = this.localize(text)
    this.raw(this.isJson ? JSON.stringify({ message, ...fields }) : message)
  }

  /** Writes a warning to stderr. */
  warning(text: Text): void {
    const warning = this.localize(text)
    this.raw(this.isJson ? JSON.stringify({ warning }) : `${this.style('yellow', '!')} ${warning}`)
  }

  /**
   * Shows what the command waits for. Returns a function that removes it from a terminal. Shows nothing with `--json`.
   */
  progress(text: Text): () => void {
    if (this.isJson) return () => undefined
    if (!this.#stderr.isTTY) {
      this.message(text)
      return () => undefined
    }
    this.#stderr.write(printable(this.localize(text)))
    return () => void this.#stderr.write(eraseLine)
  }

  /** Writes lines to stderr. */
  raw(text: string): void {
    this.#stderr.write(`${printable(text)}\n`)
  }

  /** Returns a text in a style, unless stderr is no terminal, or the user wants no colours (`NO_COLOR`). */
  style(format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string): string {
    const { styleText } = process.getBuiltinModule('node:util')
    return this.isJson ? text : styleText(format, text, { stream: this.#stderr })
  }
}

/** Removes control characters but styles: a name from the service must not control the terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?!\n|\t|\p{Cc}\[\d+m)\p{Cc}/gu, '')
}
