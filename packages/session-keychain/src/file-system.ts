import { PDSError } from '@pds/core/internal'

/**
 * Returns `node:fs`. A static import would also load its streams and promises, which takes longer than reading a key. Some
 * programs read it at each start.
 *
 * Throws a `PDSError` with code `UnsupportedEnvironment` in Node.js before 22.3.
 */
export function fileSystem(): typeof import('node:fs') {
  const fs = process.getBuiltinModule?.('node:fs')
  if (fs) return fs
  throw new PDSError('keychainKey requires Node.js 22.3 or newer', {
    code: 'UnsupportedEnvironment',
    outcome: 'not-sent',
  })
}
