import { receivedClient } from '#platform'
import { checkOptions, type RequiredOption } from '../options/options.ts'
import type { PDSTransport } from './create-transport.ts'

/** Requires a transport, also one of another copy of this package. */
export const transportOption: RequiredOption<PDSTransport> = {
  wants: 'the result of createTransport',
  accepts(value) {
    const { post, token_endpoint } = Object(value)
    return typeof post === 'function' && typeof token_endpoint === 'string'
  },
  received: (value) => receivedClient(value),
  isRequired: true,
}

/** Throws `InvalidParameter` if the first argument of a function is not a transport. */
export function checkTransport(method: string, transport: unknown): void {
  checkOptions(method, { transport }, { transport: transportOption })
}
