import { findViolations, keepScreenshot, type Page } from 'shared/browser'
import { expect } from 'vitest'

/** The languages and the colour schemes of the screenshots. */
export const looks = [
  { language: 'en', locale: 'en-GB', colorScheme: 'light' },
  { language: 'en', locale: 'en-GB', colorScheme: 'dark' },
  { language: 'zh', locale: 'zh-CN', colorScheme: 'light' },
  { language: 'zh', locale: 'zh-CN', colorScheme: 'dark' },
] as const

type Look = (typeof looks)[number]

/** The widths of the screenshots. No page may be wider than any of these screens, or than one of 320 or 768 pixels. */
const screenshotWidths = [360, 1280]

/**
 * Checks that a page fits each screen and that axe-core finds no violations, and writes its screenshots to
 * `artefacts/screenshots`: `PAGE-LANGUAGE-SCHEME-WIDTH.png`.
 */
export async function lookAtPage(page: Page, name: string, look: Look): Promise<void> {
  for (const width of [320, 768, ...screenshotWidths]) {
    await page.setViewportSize({ width, height: 740 })
    expect(await findOverflow(page), `${name} at ${width} px`).toEqual([])
    if (!screenshotWidths.includes(width)) continue
    expect(await findViolations(page), `${name} at ${width} px`).toEqual([])
    // A sticky element would cover others.
    await page.evaluate(() => scrollTo(0, 0))
    await keepScreenshot(page, `${name}-${look.language}-${look.colorScheme}-${width}`)
  }
}

/** Returns the elements that are wider than the screen, except those that scroll or are only for screen readers. */
function findOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll('*')]
      .filter(
        (found) =>
          !found.closest('.scrolls, .unseen, .skip') && found.getBoundingClientRect().right > innerWidth,
      )
      .map((found) => found.id || found.className || found.tagName),
  )
}
