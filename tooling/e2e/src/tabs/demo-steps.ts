import type { Page } from 'shared/browser'

/* What somebody does and sees on the page of the demo and on those of the emulator. */

export function button(on: Page, name: string | RegExp): ReturnType<Page['getByRole']> {
  return on.getByRole('button', { name, exact: true })
}

/** Signs in to the emulator, which does not know the browser yet, and allows what is asked. */
export async function allow(on: Page): Promise<void> {
  await button(on, /Ann Lee/).click()
  await button(on, 'Allow').click()
}

export async function signIn(on: Page): Promise<void> {
  await button(on, 'Sign in').click()
  await allow(on)
  await expectSignedIn(on)
}

export async function expectSignedIn(on: Page): Promise<void> {
  await on.getByTestId('user-name').filter({ hasText: 'Ann Lee', visible: true }).waitFor()
}

export async function expectSignedOut(on: Page): Promise<void> {
  await button(on, 'Sign in').waitFor()
}
