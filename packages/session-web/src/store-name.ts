import type { OptionKind } from '@pds/core'

export const defaultName = 'pds-sessions'

export const aName: OptionKind = {
  wants: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
}
