export { leftOut } from '../engines/engine-limits.ts'
export { attachToBrowser } from './attach-to-browser.ts'
export type { Browser, BrowserContext, ContextOptions, Page } from './browser.ts'
export { bundleForPage } from './bundle-for-page.ts'
export { clearStorage, limitStorage } from './chromium.ts'
export { freezePage } from './freeze-page.ts'
export { findViolations, keepScreenshot } from './inspect-page.ts'
export {
  browserCommand,
  browserIsMissing,
  fullBrowserIsMissing,
  launchBrowser,
  launchFullBrowser,
} from './launch-browser.ts'
export { runInRealm } from './run-in-realm.ts'
export { type PageServer, servePages } from './serve-pages.ts'
