import { checkNames, checkObject, describeValue } from './check-fields.ts'
import type { RotationOptions } from './options.ts'

/** Checks the option `rotation` and adds the defaults. Throws a `TypeError` that names the wrong field. */
export function parseRotation(value: unknown): Required<RotationOptions> {
  if (value === undefined) return { grace: 0, revokeFamily: false }
  const fields = checkObject('rotation', value)
  const { grace = 0, revokeFamily = false } = fields
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
  checkNames('rotation', fields, ['grace', 'revokeFamily'])
  return { grace, revokeFamily }
}
