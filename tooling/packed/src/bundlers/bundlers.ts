import type { Bundler } from './bundle.ts'
import { bundleWithEsbuild } from './bundle-with-esbuild.ts'
import { bundleWithVite } from './bundle-with-vite.ts'
import { bundleWithWebpack } from './bundle-with-webpack.ts'

export type BundlerName = 'esbuild' | 'vite' | 'webpack'

/** The bundlers that the packages are tested with, in their default configurations. Vite 8 bundles with rolldown. */
export const bundlers: Readonly<Record<BundlerName, Bundler>> = {
  esbuild: bundleWithEsbuild,
  vite: bundleWithVite,
  webpack: bundleWithWebpack,
}

export const bundlerNames = Object.keys(bundlers) as readonly BundlerName[]
