import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { tools } from '../packages/repository.ts'

const run = promisify(execFile)

/**
 * Runs `deno publish --dry-run` in the workspace. Returns the names and versions of the packages that it would publish.
 * If deno fails, for example because JSR would reject a package, throws what deno reports. Downloads the dependencies from
 * npm, and sends nothing to JSR.
 */
export async function dryRun(workspace: string): Promise<string[]> {
  // The workspace is not in a git repository. Its lockfile would not be published.
  const args = ['publish', '--dry-run', '--allow-dirty', '--no-lock']
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1' }
  const options = { cwd: workspace, env, maxBuffer: 2 ** 26 }
  const { stderr } = await run(path.join(tools, '.bin/deno'), args, options).catch((error) => {
    // A rejected package is only one of the reasons. If deno did not start, it reports nothing.
    const reason = stripVTControlCharacters(error.stderr || error.message).trim()
    throw new Error(`deno publish --dry-run failed: ${reason}`)
  })
  const output = stripVTControlCharacters(stderr)
  return [...output.matchAll(/Simulating publish of (@pds\/\S+) with files/g)]
    .map(([, name = '']) => name)
    .sort()
}
