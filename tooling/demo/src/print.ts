import type { Emulator, LoggedRequest } from '@pds/emulator'

/** Prints the heading of a step. */
export function title(step: number, name: string, what: string): void {
  console.log(`\n${step}. ${name}: ${what}`)
}

/** Prints the last request that the domain was asked, and its answer. */
export function showRequest(domain: Emulator): void {
  const request = domain.requests.at(-1)
  if (!request) return
  const { method, path, params, assertion, authorization, status, answer } = request
  console.log(`\n   sent: ${method} ${path}`)
  printFields({ ...(authorization !== undefined && { authorization }), ...params })
  if (assertion) {
    console.log('     the assertion says:')
    printFields({ ...assertion.header, ...assertion.claims }, '  ')
  }
  console.log(`   came back: ${status}`)
  printFields(typeof answer === 'string' ? { location: answer } : { ...(answer as LoggedRequest['params']) })
}

function printFields(fields: Record<string, unknown>, indent = ''): void {
  for (const [name, value] of Object.entries(fields)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    console.log(`     ${indent}${name.padEnd(17)} ${text}`)
  }
}
