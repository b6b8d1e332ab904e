import {
  computeAccessibleDescription,
  computeAccessibleName,
  getRole,
  isInaccessible,
} from 'dom-accessibility-api'

/** A text that an element must have, or the source and the flags of a regular expression. */
export type Matcher = { text: string; exact: boolean } | { source: string; flags: string }

/** A step from elements to other elements. */
export type Step =
  | { by: 'css'; selector: string }
  | { by: 'role'; role: string; name?: Matcher | undefined; description?: string | undefined }
  | { by: 'text' | 'label'; matcher: Matcher }
  | { by: 'filter'; hasText?: Matcher | undefined; visible?: boolean | undefined }
  | { by: 'nth'; index: number }

/** Follows the steps of a locator from a document. Runs in a page. */
export function findElements(document: Document, steps: readonly Step[]): Element[] {
  let found: Element[] = [document.documentElement]
  for (const step of steps) found = follow(found, step)
  return found
}

function follow(from: readonly Element[], step: Step): Element[] {
  switch (step.by) {
    case 'css':
      return inside(from, (root) => [...root.querySelectorAll(step.selector)])
    case 'role':
      return inside(from, (root) =>
        [...root.querySelectorAll('*')].filter(
          (element) =>
            getRole(element) === step.role &&
            !isInaccessible(element) &&
            (!step.name || matches(computeAccessibleName(element), step.name)) &&
            (step.description === undefined || computeAccessibleDescription(element) === step.description),
        ),
      )
    case 'text':
      return inside(from, (root) => smallest([root, ...root.querySelectorAll('*')], step.matcher))
    case 'label':
      return inside(from, (root) =>
        [...root.querySelectorAll('input, textarea, select, button')].filter((element) =>
          matches(computeAccessibleName(element), step.matcher),
        ),
      )
    case 'filter':
      return from.filter(
        (element) =>
          (!step.hasText || matches(textOf(element), step.hasText)) &&
          (step.visible === undefined || element.checkVisibility() === step.visible),
      )
    case 'nth':
      return from.slice(step.index).slice(0, 1)
  }
}

function inside(from: readonly Element[], search: (root: Element) => Element[]): Element[] {
  return [...new Set(from.flatMap(search))]
}

/** Returns the elements with a text in which no smaller element has it. */
function smallest(elements: readonly Element[], matcher: Matcher): Element[] {
  const found = elements.filter(
    (element) => !element.matches('head, head *, script, style') && matches(textOf(element), matcher),
  )
  return found.filter((element) => !found.some((other) => other !== element && element.contains(other)))
}

function textOf(element: Element): string {
  return element instanceof HTMLInputElement && /button|submit/.test(element.type)
    ? element.value
    : (element.textContent ?? '')
}

function matches(text: string, matcher: Matcher): boolean {
  const normal = text.replace(/\s+/g, ' ').trim()
  if ('source' in matcher) return new RegExp(matcher.source, matcher.flags).test(normal)
  return matcher.exact
    ? normal === matcher.text
    : normal.toLowerCase().includes(matcher.text.replace(/\s+/g, ' ').trim().toLowerCase())
}
