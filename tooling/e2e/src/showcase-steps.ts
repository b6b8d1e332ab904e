import type { BrowserContext, Page } from 'shared/browser'

/* Steps of a user on the page of the showcase and on the emulator's pages. */

export function button(on: Page, name: string | RegExp): ReturnType<Page['getByRole']> {
  return on.getByRole('button', { name, exact: true })
}

/** Starts a sign-in, selects a user on the emulator's sign-in page and allows the consent. */
export async function signIn(on: Page, user = 'Ann Lee'): Promise<void> {
  await startSignIn(on, user)
  await button(on, 'Allow').click()
  await expectSignedIn(on, user)
}

/** Starts a sign-in and selects a user on the emulator's sign-in page. The next page asks for the consent. */
export async function startSignIn(on: Page, user = 'Ann Lee'): Promise<void> {
  await on.getByRole('link', { name: 'Sign in', exact: true }).click()
  await button(on, new RegExp(user)).click()
  await button(on, 'Allow').waitFor()
}

export async function expectSignedIn(on: Page, user = 'Ann Lee'): Promise<void> {
  await on.getByTestId('user-name').getByText(user, { exact: true }).waitFor()
}

export async function expectSignedOut(on: Page): Promise<void> {
  await on.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
}

/** Waits for an entry of the activity list. */
export function expectActivity(on: Page, text: string | RegExp): Promise<void> {
  return on.getByTestId('activity').getByText(text).first().waitFor()
}

/** Waits for a failure that the page shows. */
export function expectAlert(on: Page, text: RegExp): Promise<void> {
  return on.getByRole('alert').getByText(text).waitFor()
}

/** Waits until the page shows another fingerprint of its token, and returns it. */
export async function waitForNewToken(on: Page, before: string | null): Promise<string | null> {
  const shown = on.getByTestId('token-fingerprint')
  await on.waitForFunction((before) => {
    const text = document.querySelector('[data-testid=token-fingerprint]')?.textContent?.trim()
    return text && text !== before
  }, before)
  return shown.textContent()
}

/** Opens the page in another tab of the browser. */
export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const tab = await context.newPage()
  await tab.goto(url)
  return tab
}
