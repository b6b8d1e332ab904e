import type { Locator } from '../browser/browser.ts'
import type { Matcher, Step } from './find-elements.ts'
import type { ToolRunner } from './tool-runner.ts'

/** Elements of an engine's page, with the interface of page tests. */
export class EngineLocator implements Locator {
  readonly #page: ToolRunner
  readonly #steps: readonly Step[]

  constructor(page: ToolRunner, steps: readonly Step[]) {
    this.#page = page
    this.#steps = steps
  }

  locator(selector: string): Locator {
    return this.#with({ by: 'css', selector })
  }

  getByText(text: string | RegExp, { exact = false }: { exact?: boolean } = {}): Locator {
    return this.#with({ by: 'text', matcher: matcherOf(text, exact) })
  }

  filter({ hasText, visible }: { hasText?: string; visible?: boolean }): Locator {
    return this.#with({
      by: 'filter',
      hasText: hasText === undefined ? undefined : matcherOf(hasText),
      visible,
    })
  }

  first(): Locator {
    return this.nth(0)
  }

  last(): Locator {
    return this.nth(-1)
  }

  nth(index: number): Locator {
    return this.#with({ by: 'nth', index })
  }

  count(): Promise<number> {
    return this.#page.runTool(`find(${this.#json}).length`)
  }

  async click(): Promise<void> {
    const found = `pageTools.findReady(${this.#json})`
    // The page may have changed after the wait.
    do await this.#page.waitForTool(`${found} ? true : null`)
    while (!(await this.#page.tab.click(found)))
  }

  async dblclick(): Promise<void> {
    throw new Error('dblclick is only in Chromium')
  }

  async focus(): Promise<void> {
    await this.#use('element.focus()')
  }

  async fill(value: string): Promise<void> {
    await this.#use(`pageTools.fill(element, ${JSON.stringify(value)})`)
  }

  async press(): Promise<void> {
    throw new Error('press is only in Chromium')
  }

  async waitFor({ state }: { state?: 'detached' | 'hidden' } = {}): Promise<void> {
    const found = `pageTools.findOne(${this.#json})`
    const isVisible = `((element) => element && pageTools.isVisible(element))(${found})`
    const expected = { detached: `!${found}`, hidden: `!${isVisible}`, visible: isVisible }[
      state ?? 'visible'
    ]
    await this.#page.waitForTool(`${expected} || null`)
  }

  isVisible(): Promise<boolean> {
    return this.#page.runTool(`find(${this.#json}).some(pageTools.isVisible)`)
  }

  inputValue(): Promise<string> {
    return this.#use('element.value')
  }

  textContent(): Promise<string | null> {
    return this.#use('element.textContent')
  }

  allTextContents(): Promise<string[]> {
    return this.#page.runTool(`find(${this.#json}).map(({ textContent }) => textContent)`)
  }

  async getAttribute(name: string): Promise<string | null> {
    return this.#use(`element.getAttribute(${JSON.stringify(name)})`)
  }

  evaluate<Result, Arg = void>(
    script: (element: HTMLElement, arg: Arg) => Result,
    arg?: Arg,
  ): Promise<Result> {
    return this.#use(`(${script})(element, ${JSON.stringify(arg)})`)
  }

  get #json(): string {
    return JSON.stringify(this.#steps)
  }

  #with(step: Step): Locator {
    return new EngineLocator(this.#page, [...this.#steps, step])
  }

  /** Waits for the element, and returns the value of an expression with it. */
  async #use<Value>(expression: string): Promise<Value> {
    const script = `((element) => element && { value: ${expression} })(pageTools.findOne(${this.#json}))`
    return (await this.#page.waitForTool<{ value: Value }>(script)).value
  }
}

/** Returns the matcher of a text. A text that is not exact may be a part, in upper or lower case. */
export function matcherOf(text: string | RegExp, exact = false): Matcher {
  return typeof text === 'string' ? { text, exact } : { source: text.source, flags: text.flags }
}
