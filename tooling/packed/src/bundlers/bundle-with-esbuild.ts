import path from 'node:path'
import { build, formatMessages } from 'esbuild'
import { type Bundler, failOnWarnings } from './bundle.ts'

export const bundleWithEsbuild: Bundler = async (file, platform) => {
  const root = path.dirname(file)
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [file],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: platform === 'page' ? 'browser' : 'node',
    format: platform === 'page' ? 'iife' : 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  failOnWarnings('esbuild', await formatMessages(warnings, { kind: 'warning' }))
  const [output] = Object.values(metafile.outputs)
  const [script] = outputFiles
  if (!output || !script) throw new Error('esbuild created no file')
  return {
    code: script.text,
    modules: Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([name]) => path.resolve(root, name)),
    imports: output.imports.map((imported) => imported.path),
  }
}
