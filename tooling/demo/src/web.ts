import { startWeb } from './web-server.ts'

/* The command behind `npm run web`: the page and its domain, until Ctrl+C. */

const { url, emulator, close } = await startWeb()
const names = emulator.users.map(({ user_name }) => user_name).join(', ')

console.log(`The demo is running, on this machine only. Open
  ${url}  the application; its users are ${names}
  ${emulator.api_endpoint}/  what the domain is asked, as it happens
Everything is in memory. Ctrl+C ends it.`)

async function end(): Promise<void> {
  await close()
  process.exit()
}
// Twice, where the launcher hands on what the terminal has sent already.
process.on('SIGINT', end).on('SIGTERM', end)
