import path from 'node:path'
import { signInWithBrowser } from '@pds/auth-loopback'
import { isPDSError } from '@pds/core'
import { app, BrowserWindow, dialog, ipcMain, shell } from 'electron'
import type { AccountResult } from './account-api.ts'
import { type Account, openSession } from './open-session.ts'

async function start(): Promise<void> {
  const account = await openSession()
  const window = new BrowserWindow({
    webPreferences: { preload: path.join(import.meta.dirname, 'preload.js') },
  })
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  handleCalls(account, window)
  await window.loadFile('index.html')
}

/** Handles the calls of the page. */
function handleCalls({ transport, client, session }: Account, { webContents }: BrowserWindow): void {
  let controller = new AbortController()
  let lastSignIn: Promise<unknown> = Promise.resolve()

  handle('get-user', async () => {
    const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
    if (!response.ok) throw new Error(`the service responded with ${response.status}`)
    const { user_name } = await response.json()
    return { userName: user_name }
  })
  handle('sign-in', async () => {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    // The last sign-in has the port until it has ended.
    const signedIn = lastSignIn.then(() => signIn(signal))
    lastSignIn = signedIn.catch(() => undefined)
    return signedIn
  })
  handle('cancel', async () => {
    controller.abort()
    return {}
  })
  handle('sign-out', async () => {
    await session.signOut()
    return {}
  })
  // Another process of the application may end the sign-in.
  session.subscribe('login_required', () => webContents.send('change'))
  session.subscribe('signed_out', () => webContents.send('change'))

  async function signIn(signal: AbortSignal): Promise<AccountResult> {
    const token = await signInWithBrowser(transport, client, {
      signal,
      openBrowser: (url) => shell.openExternal(url),
      onAddress: ({ url }) => webContents.send('address', url),
    })
    await session.setToken(token)
    return {}
  }

  function handle(name: string, run: () => Promise<AccountResult>): void {
    ipcMain.handle(name, async ({ senderFrame }) => {
      // Pages in frames of other sites must not call these functions.
      if (senderFrame !== webContents.mainFrame) throw new Error(`${name} is not allowed in this frame`)
      return run().catch(toResult)
    })
  }
}

/** Neither a user nor an error: there is no sign-in. */
function toResult(error: unknown): AccountResult {
  if (!isPDSError(error)) throw error
  const { code, message } = error
  return ['LoginRequired', 'Aborted'].includes(code) ? {} : { error: { code, message } }
}

app.on('window-all-closed', () => app.quit())
// A top-level await would wait forever: the app is ready after this module was evaluated.
app
  .whenReady()
  .then(start)
  .catch((error) => {
    dialog.showErrorBox('My Drive cannot start', error.message)
    app.exit(1)
  })
