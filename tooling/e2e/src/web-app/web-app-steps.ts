import type { Page } from 'shared/browser'

/* Steps of a user on the page of the web application and on the emulator's pages. */

export function button(on: Page, name: string | RegExp): ReturnType<Page['getByRole']> {
  return on.getByRole('button', { name, exact: true })
}

/** Selects the user on the emulator's sign-in page and allows the consent. */
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
