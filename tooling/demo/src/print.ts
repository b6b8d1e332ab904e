import { stripVTControlCharacters, styleText } from 'node:util'
import type { LoggedRequest } from '@pds/emulator'

// In characters, including the indentation.
const lineWidth = 118

type Fields = Readonly<Record<string, unknown>>

/** Prints the heading of a step. */
export function printStep(name: string, description: string): void {
  console.log(`\n${styleText('bold', name)}  ${description}`)
}

/** Prints the main fields of a request and its response in a few lines. */
export function printSummary({ method, path, params, assertion, status, response }: LoggedRequest): void {
  printWrapped(`request   ${method} ${path}`, [...pairs(params), ...claimsOf(assertion)])
  printWrapped(`response  ${styleStatus(status)}`, pairs(factsOf(response)))
}

/** Prints all fields of a request and its response, one per line. */
export function printLog(request: LoggedRequest): void {
  const { method, path, params, assertion, authorization, status, response } = request
  console.log(`\n   request: ${method} ${path}`)
  printFields({ ...(authorization !== undefined && { authorization }), ...params })
  if (assertion) {
    console.log('     content of the assertion:')
    printFields({ ...assertion.header, ...assertion.claims }, '  ')
  }
  console.log(`   response: ${styleStatus(status)}`)
  printFields(typeof response === 'string' ? { location: response } : { ...(response as Fields) })
}

/** Prints one line: the token that a request used, and the response. */
export function printCheck(name: string, { method, path, ...request }: LoggedRequest): void {
  const { authorization, params, status, error = '' } = request
  const token = maskOf(authorization ?? params.refresh_token)
  const call = `${method} ${path}`
  console.log(`   ${name.padEnd(35)}${styleMasks(token)}  ${call.padEnd(23)}${styleStatus(status, error)}`)
}

/** Prints the result of the run in green for success, in red for a failure. */
export function printResult(isSuccess: boolean, text: string): void {
  console.log(`\n${styleText([isSuccess ? 'green' : 'red', 'bold'], text)}`)
}

/** Prints what to run or read next. */
export function printNext(next: Readonly<Record<string, string>>): void {
  console.log('\nnext:')
  for (const [name, description] of Object.entries(next))
    console.log(`   ${styleText('cyan', name.padEnd(28))} ${description}`)
}

function printFields(fields: Fields, indent = ''): void {
  for (const [name, value] of Object.entries(fields)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    console.log(`     ${indent}${name.padEnd(17)} ${styleMasks(text)}`)
  }
}

function printWrapped(start: string, words: readonly string[]): void {
  const indent = ' '.repeat(13)
  let line = `   ${start}`
  for (const word of words) {
    if (stripVTControlCharacters(line).length + 2 + word.length > lineWidth) {
      console.log(styleMasks(line))
      line = `${indent}${word}`
    } else line += `  ${word}`
  }
  console.log(styleMasks(line))
}

function pairs(fields: Fields): string[] {
  return Object.entries(fields).map(([name, value]) => `${name}=${withoutLength(value)}`)
}

/** Returns the claims that differ between a user token and a service token. */
function claimsOf(assertion: LoggedRequest['assertion']): string[] {
  if (!assertion) return []
  const { alg, sub, sub_type } = { ...assertion.header, ...assertion.claims } as Fields
  return [`(${pairs({ alg, sub, sub_type }).join(' ')})`]
}

function factsOf(response: unknown): Fields {
  if (typeof response === 'string') return { location: response }
  const { access_token, refresh_token, expires_in, user_id } = response as Fields
  return {
    access_token,
    refresh_token,
    expires_in: `${expires_in} (${Number(expires_in) / 3600} h)`,
    user_id,
  }
}

/** Removes the length that the log puts after a hash. */
function withoutLength(value: unknown): string {
  return String(value).replace(/ \(\d+ characters\)$/, '')
}

function maskOf(value: unknown): string {
  return withoutLength(value).replace(/^Bearer /, '')
}

function styleMasks(text: string): string {
  return text.replaceAll(/\*{3}[\w-]{8}\*{3}/g, (mask) => styleText('yellow', mask))
}

function styleStatus(status: number, error = ''): string {
  return styleText(status < 400 ? 'green' : 'red', `${status} ${error}`.trim())
}
