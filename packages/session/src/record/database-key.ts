/**
 * Returns the name under which a database stores a key. No two keys have the same name.
 *
 * ASCII letters, digits, `_`, `-` and inner dots stay unchanged. Every other UTF-16 code unit becomes `=` and 2
 * hexadecimal digits, or `=u` and 4. Not `%`, because databases with HTTP addresses may decode it.
 */
export function databaseKey(key: string): string {
  return key.replace(/^\.|\.$|[^\w.-]/g, (unit) => {
    const code = unit.charCodeAt(0)
    return code < 0x80 ? `=${hex(code, 2)}` : `=u${hex(code, 4)}`
  })
}

/** Returns the key of a name from `databaseKey`, or undefined for any other name. */
export function keyOfDatabaseKey(name: string): string | undefined {
  const key = name.replace(/=u([\dA-F]{4})|=([\dA-F]{2})/g, (_, long, short) =>
    String.fromCharCode(Number.parseInt(long ?? short, 16)),
  )
  return key !== '' && databaseKey(key) === name ? key : undefined
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0')
}
