import { contextBridge, ipcRenderer } from 'electron'
import type { AccountApi } from './account-api.ts'

const account: AccountApi = {
  getUser: () => ipcRenderer.invoke('get-user'),
  signIn: () => ipcRenderer.invoke('sign-in'),
  cancel: () => ipcRenderer.invoke('cancel'),
  signOut: () => ipcRenderer.invoke('sign-out'),
  onChange: (listener) => void ipcRenderer.on('change', () => listener()),
  onAddress: (listener) => void ipcRenderer.on('address', (_event, address) => listener(address)),
}

contextBridge.exposeInMainWorld('account', account)
