import { invalidParameter, PDSError } from '@pds/core/internal'

const variable = 'fromEnv: PDS_PRIVATE_KEY_FILE'

/** Returns the text of the file of a private key. Throws a `PDSError` that never contains this text. */
export function readKeyFile(file: string): string {
  // An import would fail in a runtime without node:fs.
  const host: { getBuiltinModule?: typeof process.getBuiltinModule } | undefined = globalThis.process
  const fs = host?.getBuiltinModule?.('node:fs')
  if (!fs) {
    throw new PDSError(`${variable} needs node:fs, which this runtime does not have: set PDS_PRIVATE_KEY`, {
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
    })
  }
  // A long text may be a key in base64 that was set by mistake.
  const place = file.length > 255 ? '' : `: ${file}`
  const text = read(fs, file, place)
  if (text.trim() === '') throw invalidParameter(`${variable} names an empty file${place}`)
  return text
}

function read(fs: typeof import('node:fs'), file: string, place: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    // Without the error as the cause: its message contains the path.
    const { code = 'unknown error' } = Object(error) as { code?: string }
    throw invalidParameter(`${variable} names a file that cannot be read (${code})${place}`)
  }
}
