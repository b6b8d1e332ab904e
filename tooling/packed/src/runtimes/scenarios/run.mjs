/*
 * Runs a scenario in a process of its own: `run.mjs <name> <its environment as JSON>`. Its result is a line of JSON on
 * the standard output.
 */
const [name, environment] = process.argv.slice(2)
const { run } = await import(`./${name}.mjs`)
process.stdout.write(`${JSON.stringify(await run(JSON.parse(environment)))}\n`)
