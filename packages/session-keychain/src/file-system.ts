/**
 * Returns `node:fs`. A static import would also load its streams and promises, which takes longer than reading a key. Some
 * programs read it at each start.
 */
export function fileSystem(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs')
}
