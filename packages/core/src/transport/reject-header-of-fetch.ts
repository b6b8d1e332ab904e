import { invalidParameter } from '../errors/invalid-parameter.ts'

/**
 * Throws `InvalidParameter` for a header that fetch sets (RFC 9110 section 7.6.1, RFC 9112 section 6). Setting it makes a
 * request fail or hang in Node.js. Browsers ignore it. `option` is the name of the option. A
 * parameter of a query may have any name.
 */
export function rejectHeaderOfFetch(target: Headers | URLSearchParams, option: string, name: string): void {
  if (
    target instanceof Headers &&
    /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i.test(name)
  ) {
    throw invalidParameter(`${option} must not contain ${name}: fetch sets it`)
  }
}
