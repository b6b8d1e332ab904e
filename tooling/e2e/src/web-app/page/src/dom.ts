/* Access to the elements of index.html. */

/** Returns the element with this id. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`index.html has no element ${id}`)
  return found
}

/** Sets the text of an element. Leaves an equal text alone, so that screen readers do not read it out again. */
export function setText(id: string, text: string): void {
  const shown = element(id)
  if (shown.textContent !== text) shown.textContent = text
}
