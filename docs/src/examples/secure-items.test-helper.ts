/** A stand-in for `expo-secure-store`, with its limits. One map has the items of one device. */
export class SecureItems {
  readonly items: Map<string, string>
  /** What happens to the next writes: each entry is for one of them. */
  readonly faults: ('none' | 'fails' | 'fails after it wrote' | 'hangs')[] = []

  constructor(items: Map<string, string> = new Map()) {
    this.items = items
  }

  getItemAsync = async (name: string): Promise<string | null> => {
    await nextTurn()
    return this.items.get(checked(name)) ?? null
  }

  setItemAsync = async (name: string, value: string): Promise<void> => {
    if (Buffer.byteLength(value) > 2048) throw new Error('the value has more than 2048 bytes')
    await nextTurn()
    const fault = this.faults.shift() ?? 'none'
    if (fault === 'hangs') return new Promise(() => undefined)
    if (fault === 'fails') throw new Error('the keychain is locked')
    this.items.set(checked(name), value)
    if (fault !== 'none') throw new Error('the keychain is locked')
  }

  deleteItemAsync = async (name: string): Promise<void> => {
    await nextTurn()
    this.items.delete(checked(name))
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function checked(name: string): string {
  if (!/^[\w.-]+$/.test(name))
    throw new Error('Keys must contain only alphanumeric characters, ".", "-" and "_"')
  return name
}
