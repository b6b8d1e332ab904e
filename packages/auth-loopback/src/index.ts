export type {
  BrowserSignInParams,
  OpenedBrowser,
  SignInPage,
  SignInWithBrowserOptions,
} from './options.ts'
export { signInWithBrowser } from './sign-in-with-browser.ts'
