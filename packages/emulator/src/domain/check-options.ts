import { checkNames, describeValue } from './check-fields.ts'
import type { EmulatorOptions } from './options.ts'
import type { UserOptions } from './user.ts'

/** Checks the options of a new user of a domain. Throws a `TypeError`. */
export function checkUser(options: UserOptions, users: ReadonlyMap<string, unknown>): void {
  const { user_id, role = 'user' } = options
  if (typeof user_id !== 'string' || user_id === '') {
    throw new TypeError(`users: user_id must be a non-empty string (received ${describeValue(user_id)})`)
  }
  if (users.has(user_id)) throw new TypeError(`users: the domain already has a user with the id ${user_id}`)
  for (const name of ['user_name', 'nick_name'] as const) {
    const value = options[name] ?? ''
    if (typeof value !== 'string') {
      throw new TypeError(`users: ${name} must be a string (received ${describeValue(value)})`)
    }
  }
  if (!['user', 'admin', 'superadmin'].includes(role)) {
    throw new TypeError(`users: role must be user, admin or superadmin (received ${describeValue(role)})`)
  }
}

const optionNames: readonly (keyof EmulatorOptions)[] = [
  'domain_id',
  'apps',
  'users',
  'clock',
  'rotation',
  'strict',
  'api',
  'shareLinks',
  'state',
  'onRequest',
]

/** Checks the options of a domain that are not applications, users or the rotation. Throws a `TypeError`. */
export function checkOptions(options: EmulatorOptions): void {
  checkNames('the emulator', options, optionNames, 'option')
  const { strict = false, api = {}, state } = options
  if (state !== undefined) checkState(state)
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

/** Checks that a value is a state. Throws a `TypeError`: it may be another JSON file. */
function checkState(value: unknown): void {
  const { version, users, grants } = Object(value)
  if (version === 1 && Array.isArray(users) && Array.isArray(grants)) return
  throw new TypeError(
    `state must be what exportState returned, of this version of the emulator (received ${describeValue(value)})`,
  )
}
