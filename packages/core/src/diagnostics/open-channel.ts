/** A channel of `node:diagnostics_channel`, whose messages `NODE_DEBUG=pds` prints. */
export interface DiagnosticsChannel<Message extends object> {
  /** Whether something receives the messages. Otherwise, none should be created. */
  readonly isObserved: boolean
  /** Publishes a message. Nothing that fails here makes a call fail. */
  publish(createMessage: () => Message): void
}

/**
 * Returns the channel of the process with a name. `describe` returns the line that `NODE_DEBUG=pds` prints for a message,
 * or undefined for none.
 *
 * Nothing observes it in a runtime without `process.getBuiltinModule` or without these modules.
 */
export function openChannel<Message extends object>(
  name: string,
  describe: (message: Message) => string | undefined,
): DiagnosticsChannel<Message> {
  const host: Partial<Pick<typeof process, 'getBuiltinModule' | 'env'>> | undefined = globalThis.process
  const channel = attempt(() => host?.getBuiltinModule?.('node:diagnostics_channel')?.channel(name))
  const debug = attempt(() => host?.getBuiltinModule?.('node:util')?.debuglog('pds'))
  // Node.js reads NODE_DEBUG once. Cloudflare Workers enable every debuglog without it.
  const isDebugging = debug?.enabled === true && Boolean(host?.env?.NODE_DEBUG)
  return {
    get isObserved() {
      return isDebugging || channel?.hasSubscribers === true
    },
    publish(createMessage) {
      attempt(() => {
        const message = createMessage()
        channel?.publish(message)
        const line = isDebugging ? describe(message) : undefined
        if (line !== undefined) debug?.('%s', line)
      })
    },
  }
}

/** Returns the defined fields of a line that `NODE_DEBUG=pds` prints. */
export function listFields(fields: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined)
  return `{${shown.map(([name, value]) => `${name}: ${value}`).join(', ')}}`
}

/** Returns the result of a function, or undefined if it throws, as a polyfill or a custom fetch may. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
