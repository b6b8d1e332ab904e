/** Replaces the line breaks of a PEM text. */
const join = (separator: string) => (pem: string) => pem.trimEnd().replaceAll('\n', separator)

const everyLine = (change: (line: string) => string, separator: string) => (pem: string) =>
  pem.trimEnd().split('\n').map(change).join(separator)

const json = (times: number, encode: (text: string) => string = JSON.stringify) => {
  return (pem: string): string => (times === 0 ? pem : json(times - 1, encode)(encode(pem)))
}

const code = (char: string, digits: number) => char.charCodeAt(0).toString(16).padStart(digits, '0')

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What configuration does to a PEM text without losing its content, by name. */
export const mangledPem: Record<string, (pem: string) => string> = {
  // Line breaks.
  'CRLF for line breaks': join('\r\n'),
  'CR for line breaks': join('\r'),
  'spaces for line breaks': join(' '),
  'no line breaks': join(''),
  'a literal \\n for line breaks': join('\\n'),
  'a literal \\r\\n for line breaks': join('\\r\\n'),
  'a literal \\\\n for line breaks': join('\\\\n'),
  'a literal \\\\\\\\n for line breaks': join('\\\\\\\\n'),
  'a literal \\\\r\\\\n for line breaks': join('\\\\r\\\\n'),
  'a literal \\n before each line break': join('\\n\n'),
  'a backslash at each line end': join('\\\n'),
  'two backslashes at each line end': join('\\\\\r\n'),
  'a literal `n of PowerShell for line breaks': join('`r`n'),
  '%0A for line breaks': join('%0A'),
  '%0d%0a for line breaks': join('%0d%0a'),
  '&#10; for line breaks': join('&#10;'),
  '&#xD;&#xA; for line breaks': join('&#xD;&#xA;'),
  '\\u000a for line breaks': join('\\u000a'),
  '\\x0a for line breaks': join('\\x0a'),

  // Indentation and characters around the lines.
  'a tab before each line': everyLine((line) => `\t${line}`, '\n'),
  'a literal \\t before each line': everyLine((line) => `\\t${line}`, '\\n'),
  'spaces around each line': everyLine((line) => `    ${line} `, '\n'),
  'non-breaking spaces around each line': everyLine((line) => `\u00a0${line}\u00a0`, '\n'),
  'non-breaking spaces in the lines': (pem) => pem.replaceAll(' ', '\u00a0'),
  'zero-width spaces': everyLine((line) => `\u200b${line}`, '\n'),
  'empty lines': join('\n\n'),
  'a folded scalar of YAML': (pem) => `key: >-\n  ${join('\n\n  ')(pem)}`,
  'a label that is broken into lines': (pem) => pem.replaceAll(' PRIVATE', '\n  PRIVATE'),
  'quotes around each line': everyLine((line) => `"${line}"`, ',\n'),
  'an array of lines as JSON': (pem) => JSON.stringify(pem.trimEnd().split('\n')),
  'quoting in an e-mail': everyLine((line) => `> ${line}`, '\n'),
  'dashes of a word processor': (pem) => pem.replaceAll('-----', '\u2014\u2013-'),
  'spaces inside the dashes': (pem) => pem.replaceAll(/-----(.*)-----/g, '----- $1 -----'),
  'a label without spaces': (pem) => pem.replaceAll(/(?<=BEGIN|END|RSA|ENCRYPTED|PRIVATE) /g, ''),
  'a label in lower case': (pem) => pem.replaceAll(/-----[^-]*-----/g, (line) => line.toLowerCase()),
  'lines of 76 characters': (pem) =>
    pem.replace(
      /(?<=\n\n|-----\n)[^-:]+(?=-----END)/,
      (data) => `${data.replaceAll('\n', '').replaceAll(/.{1,76}/g, '$&\n')}`,
    ),

  'no padding': (pem) => pem.replaceAll('=', ''),

  // Around the block.
  'double quotes': (pem) => `"${pem}"`,
  'single quotes': (pem) => `'${pem}'`,
  'a byte order mark': (pem) => `\ufeff${pem}`,
  'a line of docker --env-file': (pem) => `PDS_PRIVATE_KEY="${join('\\n')(pem)}"`,
  'attributes before the block': (pem) =>
    `Bag Attributes\n    friendlyName: app\nKey Attributes: <None>\n${pem}`,
  'a certificate before the block': (pem) =>
    `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${pem}`,
  'a block without an END line before the block': (pem) => `-----BEGIN PRIVATE KEY-----\nMIIB\n${pem}`,
  'a public key after the block': (pem) =>
    `${pem}-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n`,

  // Encodings of the whole text.
  JSON: json(1),
  'JSON of JSON': json(2),
  'JSON of JSON of JSON': json(3),
  'JSON in an object, as JSON': (pem) => json(2)(JSON.stringify({ key: pem })),
  'JSON of PHP, which escapes slashes': json(2, (text) => JSON.stringify(text).replaceAll('/', '\\/')),
  'JSON of .NET, which escapes plus signs': json(2, (text) =>
    JSON.stringify(text).replaceAll(/[+=]/g, (char) => `\\u${code(char, 4)}`),
  ),
  'a properties file of Java': (pem) => join('\\n')(pem).replaceAll(/[=: ]/g, '\\$&'),
  'percent-encoding': encodeURIComponent,
  'percent-encoding, twice': (pem) => encodeURIComponent(encodeURIComponent(pem)),
  'percent-encoding of a form': (pem) => new URLSearchParams({ pem }).toString(),
  'percent-encoding of everything': (pem) => pem.replaceAll(/./gs, (char) => `%${code(char, 2)}`),
  'HTML entities': (pem) => pem.replaceAll(/[+/=\n]/g, (char) => `&#${char.charCodeAt(0)};`),
  base64,
  'base64 in lines': (pem) => base64(pem).replaceAll(/.{1,76}/g, '$&\n'),
  'base64 of base64': (pem) => base64(base64(pem)),
  'base64 of a text with a literal \\n': (pem) => base64(join('\\n')(pem)),
  'UTF-16, read as UTF-8': (pem) => Buffer.from(`\ufeff${pem}`, 'utf16le').toString(),
}

/** What configuration does to a PEM text, in which only the structure of an unencrypted key shows what is missing. */
export const mangledUnencryptedPem: Record<string, (pem: string) => string> = {
  'lost backslashes of a literal \\n': join('n'),
  'spaces for plus signs': (pem) => pem.replaceAll('+', ' '),
  'PKCS#1 between PRIVATE KEY lines': (pem) => pem.replaceAll('RSA ', ''),
  'PKCS#8 between RSA PRIVATE KEY lines': (pem) => pem.replaceAll(/(RSA )?PRIVATE/g, 'RSA PRIVATE'),
  'content between ENCRYPTED PRIVATE KEY lines': (pem) =>
    pem.replaceAll(/(RSA )?PRIVATE/g, 'ENCRYPTED PRIVATE'),
  'different labels': (pem) => pem.replace('BEGIN PRIVATE', 'BEGIN RSA PRIVATE'),
}
