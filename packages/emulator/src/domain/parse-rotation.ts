import type { RotationOptions } from './options.ts'

/** Checks the option `rotation` and adds the defaults. Throws a `TypeError` that names the wrong field. */
export function parseRotation(value: unknown): Required<RotationOptions> {
  if (value === undefined) return { grace: 0, revokeFamily: false }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`rotation must be an object (received ${describeValue(value)})`)
  }
  const { grace = 0, revokeFamily = false, ...unknown } = value as Record<string, unknown>
  if (typeof grace !== 'number' || !Number.isFinite(grace) || grace < 0) {
    throw new TypeError(
      `rotation.grace must be a non-negative number of milliseconds (received ${describeValue(grace)})`,
    )
  }
  if (typeof revokeFamily !== 'boolean') {
    throw new TypeError(
      `rotation.revokeFamily must be true or false (received ${describeValue(revokeFamily)})`,
    )
  }
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new TypeError(`rotation has no field ${name}: it has grace, revokeFamily`)
  return { grace, revokeFamily }
}

/** Describes a value for an error message. Strings may be secrets, so only their type is shown. */
export function describeValue(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'array' : typeof value
}
