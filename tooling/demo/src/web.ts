import { startWeb } from './web-server.ts'

/* The command behind `npm run web`: serves the showcase and its domain until Ctrl+C. */

const { url, emulator, close } = await startWeb()
const names = emulator.users.map(({ user_name }) => user_name).join(', ')

console.log(`The showcase runs on this machine only. Open
  ${url}  the application: a back end and a page, with the users ${names}
  ${emulator.api_endpoint}/  the requests that the domain receives, live
All data is in memory. Press Ctrl+C to stop.`)

async function stop(): Promise<void> {
  await close()
  process.exit()
}
// A signal can arrive twice: from the terminal and from the launcher.
process.on('SIGINT', stop).on('SIGTERM', stop)
