/*
 * Imports modules one after the other. Prints as JSON how each module changed the process. The arguments are the
 * addresses of the modules. The process must not have permission to write files.
 */
const effects: string[] = []
const { exit } = process
const write = process.stdout.write.bind(process.stdout)

/** Globals that only pages have: a module that reads them while it loads would fail on a server. */
const pageGlobals = ['document', 'indexedDB', 'localStorage', 'location', 'sessionStorage', 'window']
for (const name of pageGlobals) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => void effects.push(`reads ${name}`),
  })
}

watch(globalThis, '', ['fetch', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout'])
watch(console, 'console.', Object.keys(console))
watch(process, 'process.', ['emitWarning', 'exit', 'nextTick', 'on', 'once'])
watch(process.stdout, 'process.stdout.', ['write'])
watch(process.stderr, 'process.stderr.', ['write'])
watch(crypto, 'crypto.', ['getRandomValues', 'randomUUID'])

function watch(owner: object, prefix: string, names: readonly string[]): void {
  for (const name of names) {
    const original: unknown = Reflect.get(owner, name)
    if (typeof original !== 'function') continue
    const value = (...args: unknown[]) => {
      effects.push(`calls ${prefix}${name}`)
      return Reflect.apply(original, owner, args)
    }
    Object.defineProperty(owner, name, { configurable: true, writable: true, value })
  }
}

interface ObjectState {
  readonly path: string
  readonly prototype: object | null
  readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>
}

/** Returns the state of each object that can be reached from the globals. */
function readObjects(): Map<object, ObjectState> {
  const states = new Map<object, ObjectState>()
  // process, Buffer and crypto are getters of globalThis, so their values are listed here.
  const queue: [path: string, value: unknown][] = Object.entries({ globalThis, process, Buffer, crypto })
  for (const [path, value] of queue) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue
    if (states.has(value)) continue
    const keys = Reflect.ownKeys(value)
    const properties = new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(value, key) ?? {}]))
    const prototype = Object.getPrototypeOf(value)
    states.set(value, { path, prototype, properties })
    queue.push([`${path}.[prototype]`, prototype])
    for (const [key, { value, get, set }] of properties) {
      for (const part of [value, get, set]) queue.push([`${path}.${String(key)}`, part])
    }
  }
  return states
}

function compareObjects(before: Map<object, ObjectState>, after: Map<object, ObjectState>): string[] {
  return [...before].flatMap(([object, { path, prototype, properties }]) => {
    const now = after.get(object)
    // Node.js lists its own modules that an import loads.
    if (now === undefined || path === 'process.moduleLoadList') return []
    const keys = [...new Set([...properties.keys(), ...now.properties.keys()])]
    const changed = keys.filter((key) => !isSameProperty(properties.get(key), now.properties.get(key)))
    if (now.prototype !== prototype) changed.push('[prototype]')
    return changed.map((key) => `changes ${path}.${String(key)}`)
  })
}

function isSameProperty(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (['value', 'get', 'set'] as const).every((part) => Object.is(a[part], b[part]))
}

async function observe(address: string): Promise<string[]> {
  const resources = process.getActiveResourcesInfo().sort().join(' ')
  const before = readObjects()
  effects.length = 0
  await import(address).catch((error) => effects.push(`fails with ${error}`))
  const seen = [...effects, ...compareObjects(before, readObjects())]
  const left = process.getActiveResourcesInfo().sort().join(' ')
  return left === resources ? seen : [...seen, `leaves ${left}`]
}

// Node.js loads fetch, and some globals with it, at the first use of one of its classes.
new Response()
const observed: [address: string, effects: string[]][] = []
for (const address of process.argv.slice(2)) observed.push([address, await observe(address)])
write(JSON.stringify(Object.fromEntries(observed)), () => exit.call(process, 0))
