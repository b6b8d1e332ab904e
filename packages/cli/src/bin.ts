#!/usr/bin/env node
import { hideExperimentalWarnings } from './startup/hide-experimental-warnings.ts'
import { readTokenArguments } from './startup/read-token-arguments.ts'
import { runCommand } from './startup/run-command.ts'
import { watchStreams } from './startup/watch-streams.ts'

hideExperimentalWarnings()
watchStreams()
// Scripts call `pds token` often. It runs without the parser, whose start takes longer than the command.
const values = readTokenArguments(process.argv.slice(2))
if (values) process.exitCode = await runCommand(await import('./commands/token.ts'), values)
else {
  const { main } = await import('./startup/main.ts')
  process.exitCode = await main(process.argv, new URL('../package.json', import.meta.url))
}
