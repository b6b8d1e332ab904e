import { cpSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { repository, tools } from '../packages/repository.ts'
import { bundleWithMetro } from './bundle-with-metro.ts'
import { nativeModules, reactNativeRealms } from './react-native-realm.ts'
import type { Runtime } from './runtime.ts'

/** Bundles the scenarios for React Native. Each scenario runs in a new realm. */
export async function reactNativeRuntime(folder: string, scenarios: readonly string[]): Promise<Runtime> {
  const resolveDir = path.join(folder, 'react-native')
  cpSync(path.join(import.meta.dirname, 'scenarios'), resolveDir, { recursive: true })
  const polyfills = path.join(repository, 'docs/examples/react-native/polyfills.ts')
  cpSync(polyfills, path.join(resolveDir, 'polyfills.ts'))
  const entries = scenarios.map((name) => `'${name}': require('./${name}.mjs').run`)
  const bundle = await bundleWithMetro(
    `import './polyfills.ts'\nglobalThis.scenarios = { ${entries.join(', ')} }`,
    resolveDir,
    path.dirname(realpathSync(path.join(folder, 'node_modules/@pds'))),
    {
      nativeModules: Object.keys(nativeModules),
      // Metro bundles no import whose name is not known.
      replaced: { './open-store.mjs': path.join(resolveDir, 'open-memory-store.mjs') },
    },
  )
  const createRealm = reactNativeRealms(bundle)
  return {
    version: JSON.parse(readFileSync(path.join(tools, 'react-native/package.json'), 'utf8')).version,
    async run(scenario, environment) {
      const call = `scenarios[${JSON.stringify(scenario)}](${JSON.stringify(environment)})`
      const { evaluate } = createRealm(nativeModules)
      return JSON.parse((await evaluate(`(async () => JSON.stringify(await ${call}))()`)) as string)
    },
    async close() {},
  }
}
