/*
 * Imports modules one after the other, and prints what each did to the process as JSON. Run with their addresses, in a
 * process of its own that may not write files.
 */
const effects: string[] = []
const { exit } = process
const write = process.stdout.write.bind(process.stdout)

/** What a page has and a server has not: code that asks for it while it loads fails on one of the two. */
const ofPages = ['document', 'indexedDB', 'localStorage', 'location', 'sessionStorage', 'window']
for (const name of ofPages) {
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

interface Thing {
  readonly path: string
  readonly prototype: object | null
  readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>
}

/** Each object that can be reached from the globals, with a path to it and what it has. */
function readWorld(): Map<object, Thing> {
  const world = new Map<object, Thing>()
  // Those that are no plain values of globalThis are named one by one.
  const waiting: [path: string, value: unknown][] = Object.entries({ globalThis, process, Buffer, crypto })
  for (const [path, value] of waiting) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue
    if (world.has(value)) continue
    const keys = Reflect.ownKeys(value)
    const properties = new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(value, key) ?? {}]))
    const prototype = Object.getPrototypeOf(value)
    world.set(value, { path, prototype, properties })
    waiting.push([`${path}.[prototype]`, prototype])
    for (const [key, { value, get, set }] of properties) {
      for (const part of [value, get, set]) waiting.push([`${path}.${String(key)}`, part])
    }
  }
  return world
}

function compareWorlds(before: Map<object, Thing>, after: Map<object, Thing>): string[] {
  return [...before].flatMap(([object, { path, prototype, properties }]) => {
    const now = after.get(object)
    if (now === undefined) return []
    const keys = [...new Set([...properties.keys(), ...now.properties.keys()])]
    const changed = keys.filter((key) => !timingSafeEqual(properties.get(key), now.properties.get(key)))
    if (now.prototype !== prototype) changed.push('[prototype]')
    return changed.map((key) => `changes ${path}.${String(key)}`)
  })
}

function timingSafeEqual(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (['value', 'get', 'set'] as const).every((part) => Object.is(a[part], b[part]))
}

async function observe(address: string): Promise<string[]> {
  const resources = process.getActiveResourcesInfo().sort().join(' ')
  const before = readWorld()
  effects.length = 0
  await import(address).catch((error) => effects.push(`fails with ${error}`))
  const seen = [...effects, ...compareWorlds(before, readWorld())]
  const left = process.getActiveResourcesInfo().sort().join(' ')
  return left === resources ? seen : [...seen, `leaves ${left}`]
}

// Node.js loads its fetch, and with it some globals, when one of these is first asked for.
new Response()
const observed: [address: string, effects: string[]][] = []
for (const address of process.argv.slice(2)) observed.push([address, await observe(address)])
write(JSON.stringify(Object.fromEntries(observed)), () => exit.call(process, 0))
