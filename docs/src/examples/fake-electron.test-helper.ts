import { Server } from 'node:http'
import { createInterface } from 'node:readline'

/*
 * The part of `electron` that the main process of the example uses, for a process of Node.js. Each line of the standard
 * input is the name of a call of the page, or `close` to close the window. The process prints the results and the messages to
 * the page. With ELECTRON_PORT=held, a server keeps its port for longer than a sign-in needs until it listens.
 *
 * This is no test of Electron: the types of Electron check how the example calls it.
 */

type Handler = (event: { senderFrame: unknown }) => Promise<unknown>

const { ELECTRON_USER_DATA: userData, ELECTRON_BACKEND: backend = 'gnome_libsecret' } = process.env
const handlers = new Map<string, Handler>()
const listeners = new Map<string, () => void>()
const mainFrame = { name: 'the page' }

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

if (process.env.ELECTRON_PORT === 'held') {
  const { close } = Server.prototype
  // A sign-in computes one digest before it listens.
  const computeDigests = async () => {
    for (let count = 0; count < 200; count++) await crypto.subtle.digest('SHA-256', new Uint8Array(1))
  }
  Server.prototype.close = function (callback) {
    void computeDigests().then(() => close.call(this, callback))
    return this
  }
}

createInterface(process.stdin).on('line', async (line) => {
  if (line === 'close') return listeners.get('window-all-closed')?.()
  const [name = '', frame] = line.split(' ')
  const senderFrame = frame === undefined ? mainFrame : { name: frame }
  const result = await handlers
    .get(name)?.({ senderFrame })
    .catch(({ message }) => ({ thrown: message }))
  print({ name, result })
})

export const ipcMain = {
  handle: (name: string, handler: Handler): void => void handlers.set(name, handler),
}

export const app = {
  getPath: () => userData,
  whenReady: async () => new Promise(setImmediate),
  on: (name: string, listener: () => void): void => void listeners.set(name, listener),
  quit: () => process.exit(0),
  exit: (code: number) => process.exit(code),
}

export const safeStorage = {
  getSelectedStorageBackend: () => backend,
  isAsyncEncryptionAvailable: async () => true,
  encryptStringAsync: async (text: string) => Buffer.from(`v11${[...text].reverse().join('')}`),
  decryptStringAsync: async (encrypted: Buffer) => ({
    result: [...encrypted.toString().slice(3)].reverse().join(''),
    shouldReEncrypt: false,
  }),
}

export class BrowserWindow {
  readonly webContents = {
    mainFrame,
    send: (name: string, ...args: unknown[]) => print({ sent: name, args }),
    setWindowOpenHandler: () => undefined,
  }

  constructor(options: object) {
    print({ window: options })
  }

  async loadFile(file: string): Promise<void> {
    print({ loaded: file })
  }
}

/** Opens a URL in the browser of a user who approves. With ELECTRON_BROWSER=none, the user does nothing. */
export const shell = {
  async openExternal(address: string): Promise<void> {
    if (process.env.ELECTRON_BROWSER === 'none') return
    const url = new URL(address)
    url.searchParams.set('user_id', 'ann')
    // The browser continues after openExternal has returned.
    void fetch(url).catch(() => undefined)
  },
}

export const dialog = {
  showErrorBox: (title: string, content: string): void => print({ title, content }),
}
