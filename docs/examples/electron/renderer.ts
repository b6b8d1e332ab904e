import type { AccountApi, AccountResult } from './account-api.ts'

declare global {
  interface Window {
    /** From preload.ts. */
    account: AccountApi
  }
}

const { account } = window
const status = find('status')
const calls: Record<string, () => Promise<AccountResult>> = {
  'sign-in': account.signIn,
  cancel: account.cancel,
  'sign-out': account.signOut,
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no element ${id}`)
  return element
}

function show({ userName, error }: AccountResult): void {
  status.textContent = error ? `${error.message} (${error.code})` : (userName ?? 'Signed out')
}

for (const [id, call] of Object.entries(calls)) {
  find(id).addEventListener('click', async () => {
    const result = await call()
    show(result.error ? result : await account.getUser())
  })
}
account.onChange(async () => show(await account.getUser()))
account.onAddress((address) => {
  status.textContent = `Sign in with your browser. If it does not open, go to: ${address}`
})
show(await account.getUser())
