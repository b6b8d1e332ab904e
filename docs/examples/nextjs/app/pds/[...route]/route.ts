import { nextHandlers } from '@pds/backend/next'
import { pds } from '../../../lib/pds'

export const { GET, POST, OPTIONS } = nextHandlers(pds)
