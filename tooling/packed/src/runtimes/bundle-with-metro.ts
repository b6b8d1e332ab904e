import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { getDefaultConfig, mergeConfig } from '@react-native/metro-config'
import Metro from 'metro'
import { repository, tools } from '../packages/repository.ts'

// Sets up the globals of network requests in a realm of `reactNativeRealms`. The rest of React Native needs a device.
const setUp = `
  import 'react-native/Libraries/Core/setUpGlobals'
  import 'react-native/Libraries/Core/setUpXHR'
  import RCTDeviceEventEmitter from 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter'
  globalThis.emitDeviceEvent = (name, args) => RCTDeviceEventEmitter.emit(name, args)`

interface MetroOptions {
  /** Modules that need a device. The bundle takes their exports from `globalThis.nativeModules`. */
  nativeModules: readonly string[]
  /** Files that replace others, by the name of their imports. */
  replaced?: Readonly<Record<string, string>>
}

/**
 * Bundles a module with Metro and the settings of React Native, for iOS and without developer tools. Returns a script for
 * `reactNativeRealms`.
 *
 * `resolveDir` is the folder from which the imports of the module are resolved. `packages` is the folder in which the packed packages are installed.
 */
export async function bundleWithMetro(
  contents: string,
  resolveDir: string,
  packages: string,
  { nativeModules, replaced = {} }: MetroOptions,
): Promise<string> {
  const folder = path.join(resolveDir, 'metro')
  mkdirSync(folder)
  const write = (file: string, text: string) => {
    writeFileSync(path.join(folder, file), text)
    return path.join(folder, file)
  }
  write('set-up.js', setUp)
  writeFileSync(path.join(resolveDir, 'index.js'), `import './metro/set-up'\n${contents}`)
  const files = { ...replaced }
  for (const [index, name] of nativeModules.entries())
    files[name] = write(`native-${index}.js`, `module.exports = globalThis.nativeModules['${name}']`)
  const store = path.join(repository, 'node_modules/.pnpm')
  const config = mergeConfig(await getDefaultConfig(resolveDir), {
    projectRoot: resolveDir,
    watchFolders: [resolveDir, packages, store],
    maxWorkers: 1,
    resetCache: true,
    cacheStores: [],
    fileMapCacheDirectory: folder,
    reporter: { update: () => undefined },
    resolver: {
      // The scenarios are .mjs files, and the examples are .ts files.
      sourceExts: ['js', 'json', 'mjs', 'ts'],
      nodeModulesPaths: [packages],
      extraNodeModules: {
        '@babel/runtime': realpathSync(path.join(store, 'node_modules/@babel/runtime')),
        'react-native': realpathSync(path.join(tools, 'react-native')),
        'react-native-url-polyfill': realpathSync(path.join(tools, 'react-native-url-polyfill')),
      },
      resolveRequest: (context, name, platform) =>
        files[name] === undefined
          ? context.resolveRequest(context, name, platform)
          : { type: 'sourceFile', filePath: files[name] },
    },
    serializer: { getModulesRunBeforeMainModule: () => [] },
  })
  const { code } = await Metro.runBuild(config, {
    entry: 'index.js',
    platform: 'ios',
    dev: false,
    minify: false,
  })
  return code
}
