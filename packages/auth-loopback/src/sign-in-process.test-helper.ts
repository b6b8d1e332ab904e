import { createInterface } from 'node:readline/promises'
import { signInWithBrowser } from '@pds/auth-loopback'
import { createTransport, isPDSError } from '@pds/core'

/*
 * A program that signs in, for the process tests. It prints the name of the user, or the code of the error, and ends without
 * a call of process.exit. With `ask`, it reads a line of its input after the sign-in.
 *
 * Arguments: the endpoint, the options of the sign-in as JSON, `ask` or nothing.
 */

const [api_endpoint = '', options = '{}', ask] = process.argv.slice(2)

try {
  const transport = createTransport({ api_endpoint })
  const token = await signInWithBrowser(transport, { client_id: 'native-app' }, JSON.parse(options))
  process.stdout.write(`signed in as ${token.user_name}\n`)
  if (ask) {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    process.stdout.write(`read ${await lines.question('a line: ')}\n`)
    lines.close()
  }
} catch (error) {
  process.stdout.write(`failed: ${isPDSError(error) ? error.code : error}\n`)
}
