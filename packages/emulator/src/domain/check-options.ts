import type { EmulatorOptions } from './options.ts'
import { describeValue } from './parse-rotation.ts'

/** Checks the options of a domain that are not applications, users or the rotation. Throws a `TypeError`. */
export function checkOptions(options: EmulatorOptions): void {
  const names = ['domain_id', 'apps', 'users', 'clock', 'rotation', 'strict', 'api', 'shareLinks']
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`the emulator has no option ${unknown}: it has ${names.join(', ')}`)
  }
  const { strict = false, api = {} } = options
  if (typeof strict !== 'boolean') {
    throw new TypeError(`strict must be true or false (received ${describeValue(strict)})`)
  }
  for (const [path, handler] of Object.entries(api)) {
    if (!path.startsWith('/')) {
      throw new TypeError(`api: ${path} must be a path that starts with /, for example /v2/drive/list`)
    }
    if (typeof handler !== 'function') {
      throw new TypeError(
        `api: the handler of ${path} must be a function (received ${describeValue(handler)})`,
      )
    }
  }
}
