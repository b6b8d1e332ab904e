/*
 * Runs a scenario in a separate process: `run.mjs <name> <environment as JSON>`. Prints its result to stdout as a
 * line of JSON.
 */
const [name, environment] = process.argv.slice(2)
const { run } = await import(`./${name}.mjs`)
process.stdout.write(`${JSON.stringify(await run(JSON.parse(environment)))}\n`)
