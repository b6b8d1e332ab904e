/** Functions that read the properties of an object. */
type Getters<T> = { readonly [Name in keyof T]: () => Exclude<T[Name], undefined> }

/**
 * Creates a frozen object that reads each property when it is used. A spread uses all properties.
 *
 * `util.inspect` and JSON show `***` for the secrets, and omit a property that cannot be read.
 */
export function lazyObject<T extends object>(
  getters: Getters<T>,
  secrets: readonly (keyof T & string)[] = [],
): Readonly<T> {
  const properties = Object.entries(getters) as [keyof T & string, () => unknown][]
  const view = () => {
    const shown: Record<string, unknown> = {}
    for (const [name, get] of properties) {
      try {
        const value = get()
        shown[name] = secrets.includes(name) ? '***' : value
      } catch {
        // A log must not fail because a variable is missing.
      }
    }
    return shown
  }
  const target = {} as T
  for (const [name, get] of properties) Object.defineProperty(target, name, { enumerable: true, get })
  // Node.js calls the second function to show the object.
  for (const name of ['toJSON', Symbol.for('nodejs.util.inspect.custom')]) {
    Object.defineProperty(target, name, { value: view })
  }
  // structuredClone and postMessage would copy the values of the getters. They reject a Proxy.
  return new Proxy(Object.freeze(target), {})
}
