import type { RotationOptions } from './options.ts'

/** Checks how refresh tokens rotate, and fills in the defaults. Throws `TypeError` that names the field. */
export function parseRotation(value: unknown): Required<RotationOptions> {
  if (value === undefined) return { grace: 0, revokeFamily: false }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`rotation must be an object, got ${describe(value)}`)
  }
  const { grace = 0, revokeFamily = false, ...unknown } = value as Record<string, unknown>
  if (typeof grace !== 'number' || !Number.isFinite(grace) || grace < 0) {
    throw new TypeError(`rotation.grace must be a number of milliseconds from 0, got ${describe(grace)}`)
  }
  if (typeof revokeFamily !== 'boolean') {
    throw new TypeError(`rotation.revokeFamily must be true or false, got ${describe(revokeFamily)}`)
  }
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new TypeError(`rotation has no ${name}: it has grace, revokeFamily`)
  return { grace, revokeFamily }
}

function describe(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'an array' : `a value of the type ${typeof value}`
}
