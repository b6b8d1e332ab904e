/** A script that runs in a document before any other. */
export type InitScript = { content: string } | ((arg: never) => void)

/** Returns the source of an init script. */
export function sourceOf(script: InitScript, arg?: unknown): string {
  return typeof script === 'object' ? script.content : `(${script})(${JSON.stringify(arg)})`
}

/** Joins scripts. None sees the variables of another. */
export function joinScripts(scripts: readonly string[]): string {
  return scripts.map((script) => `(() => {\n${script}\n})()`).join(';')
}
